// src/audio/encode.hpp -- a recording (mono PCM16 WAV) becomes the attachment of a mail.
//
// Pure computation in memory, for a worker thread: an MP3 costs about 3 ms a second of speech, and some 400 KiB while
// it runs; the samples are pulled block by block, so a long recording needs no more. Throws std::runtime_error when the
// library fails or the bytes are no recording of ours.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "src/audio/clean.hpp"
#include "src/mail/compose.hpp"

namespace sip2mail {

// normal for speech at 16 kHz; smaller when a relay refused the size, still clearly understood.
enum class Mp3Rate : int { normal = 32, smaller = 16 };  // kbit/s, constant

// 16 kHz mono MPEG-2 layer III: what every mail program plays. (At 8 kHz it would be MPEG-2.5, which Windows and old
// Outlook refuse.) `rate`: of the samples, Hz.
[[nodiscard]] Audio encode_mp3(const SampleSource& next, int rate, Mp3Rate bits = Mp3Rate::normal);
// A whole recording, cleaned first (clean.hpp).
[[nodiscard]] Audio encode_mp3(std::string_view wav_file, Mp3Rate bits = Mp3Rate::normal);

// The file unchanged.
[[nodiscard]] Audio wav_audio(std::shared_ptr<const std::string> wav_file);

}  // namespace sip2mail

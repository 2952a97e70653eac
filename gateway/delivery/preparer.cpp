#include "gateway/delivery/preparer.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "gateway/base/files.hpp"
#include "src/audio/encode.hpp"

namespace sip2mail {
namespace {

constexpr std::size_t kMostRecording = std::size_t{1} << 30;

// As base64 with its line ends, and what stands around it.
std::size_t size_in_mail(const Audio& audio) {
  return audio.bytes->size() / 57 * 78 + 16 * 1024;
}

Audio encode(const PrepareJob& job, const std::shared_ptr<const std::string>& wav, std::string& trouble) {
  if (job.wav && job.form == Form::whole) return wav_audio(wav);
  const Mp3Rate rate = job.form == Form::whole || job.wav ? Mp3Rate::normal : Mp3Rate::smaller;
  try {
    return encode_mp3(*wav, rate);
  } catch (const std::runtime_error& error) {
    trouble = std::string{"goes as it was recorded: "} + error.what();
    try {
      return wav_audio(wav);
    } catch (const std::exception&) {  // no recording of ours: its bytes may still be heard
      return Audio{"audio/wav", "wav", wav, Delay{0}};
    }
  }
}

}  // namespace

AudioReady prepare(const PrepareJob& job) {
  AudioReady ready{job.item, job.form, std::nullopt, {}, false};
  try {
    if (!job.recording) {
      ready.trouble = "goes without its recording, which is missing";
      return ready;
    }
    std::shared_ptr<const std::string> wav;
    try {
      wav = std::make_shared<const std::string>(read_file(*job.recording, kMostRecording));
    } catch (const std::system_error& error) {
      if (error.code() != std::errc::no_such_file_or_directory) throw;
      ready.trouble = "goes without its recording, which is missing";
      return ready;
    }
    ready.audio = encode(job, wav, ready.trouble);
    if (job.max_mail > 0 && size_in_mail(*ready.audio) > job.max_mail) {
      ready.audio = encode_mp3(*wav, Mp3Rate::smaller);
      ready.trouble = "is larger than mail.max-size: goes smaller";
      if (size_in_mail(*ready.audio) > job.max_mail) {
        ready.audio.reset();
        ready.trouble = "is larger than mail.max-size: goes without its recording";
      }
    }
  } catch (const std::exception& error) {
    ready.audio.reset();
    ready.failed = true;
    ready.trouble = error.what();
  }
  return ready;
}

void become_nice() {
  // On Linux a thread has its own nice value; without the right to change it nothing is lost but smoothness.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 19);
}

}  // namespace sip2mail

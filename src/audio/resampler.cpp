#include "src/audio/resampler.hpp"

#include <speex/speex_resampler.h>

#include <algorithm>
#include <stdexcept>

namespace sip2mail {
namespace {

constexpr int kQuality = 5;  // of 10: images of telephone speech are 80 dB down; costs 1 % of the MP3 behind it

}  // namespace

void Resampler::Destroy::operator()(SpeexResamplerState_* state) const {
  speex_resampler_destroy(state);
}

Resampler::Resampler(int from, int to) : from_{static_cast<std::uint64_t>(from)}, to_{static_cast<std::uint64_t>(to)} {
  if (from <= 0 || to <= 0) throw std::runtime_error{"no sample rate"};
  if (from == to) return;
  int error = RESAMPLER_ERR_SUCCESS;
  state_.reset(
      speex_resampler_init(1, static_cast<spx_uint32_t>(from), static_cast<spx_uint32_t>(to), kQuality, &error));
  if (!state_) throw std::runtime_error{speex_resampler_strerror(error)};
  speex_resampler_skip_zeros(state_.get());
}

std::span<const std::int16_t> Resampler::run(std::span<const std::int16_t> samples) {
  out_.resize(samples.size() * to_ / from_ + 64);
  std::size_t written = 0;
  while (!samples.empty()) {
    if (written == out_.size()) out_.resize(out_.size() * 2);
    auto in = static_cast<spx_uint32_t>(samples.size());
    auto out = static_cast<spx_uint32_t>(out_.size() - written);
    const int error = speex_resampler_process_int(state_.get(), 0, samples.data(), &in, out_.data() + written, &out);
    if (error != RESAMPLER_ERR_SUCCESS) throw std::runtime_error{speex_resampler_strerror(error)};
    samples = samples.subspan(in);
    written += out;
  }
  given_ += written;
  return std::span{out_}.first(written);
}

std::span<const std::int16_t> Resampler::take(std::span<const std::int16_t> samples) {
  if (!state_) return samples;
  taken_ += samples.size();
  return run(samples);
}

std::span<const std::int16_t> Resampler::flush() {
  if (!state_) return {};
  const std::uint64_t due = taken_ * to_ / from_ - std::min(given_, taken_ * to_ / from_);
  const auto silence = static_cast<std::size_t>(speex_resampler_get_input_latency(state_.get())) + 1;
  const auto rest = run(std::vector<std::int16_t>(silence));
  return rest.first(std::min(rest.size(), static_cast<std::size_t>(due)));
}

std::vector<std::int16_t> resample(std::span<const std::int16_t> samples, int from, int to) {
  Resampler resampler{from, to};
  const auto most = resampler.take(samples);
  std::vector<std::int16_t> out{most.begin(), most.end()};
  const auto rest = resampler.flush();
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}

}  // namespace sip2mail

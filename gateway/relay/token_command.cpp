#include "gateway/relay/token_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/base/files.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::size_t kMostOutput = 16 * 1024;
constexpr int kTryLater = 75;    // EX_TEMPFAIL
constexpr int kLookEvery = 200;  // ms, at `hurry`

struct Pipe {
  Fd read;
  Fd write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("cannot create", "pipe");
  Pipe pipe{Fd{ends[0]}, Fd{ends[1]}};
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return pipe;
}

struct SpawnActions {
  posix_spawn_file_actions_t it{};
  SpawnActions() { ::posix_spawn_file_actions_init(&it); }
  ~SpawnActions() { ::posix_spawn_file_actions_destroy(&it); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
};
struct SpawnAttributes {
  posix_spawnattr_t it{};
  SpawnAttributes() { ::posix_spawnattr_init(&it); }
  ~SpawnAttributes() { ::posix_spawnattr_destroy(&it); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
};

std::vector<char*> environment_without_ours() {
  std::vector<char*> out;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    if (!std::string_view{*entry}.starts_with("SIP2MAIL_")) out.push_back(*entry);
  }
  out.push_back(nullptr);
  return out;
}

// A group of its own, no signal blocked or ignored, no descriptor of ours.
int spawn(pid_t& pid, const std::vector<std::string>& words, const Pipe& output, const Pipe& errors) {
  SpawnActions actions;
  ::posix_spawn_file_actions_addopen(&actions.it, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions.it, output.write.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions.it, errors.write.get(), STDERR_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(&actions.it, STDERR_FILENO + 1);
  SpawnAttributes attributes;
  sigset_t signals;
  sigemptyset(&signals);
  ::posix_spawnattr_setsigmask(&attributes.it, &signals);
  sigaddset(&signals, SIGPIPE);
  ::posix_spawnattr_setsigdefault(&attributes.it, &signals);
  ::posix_spawnattr_setpgroup(&attributes.it, 0);
  ::posix_spawnattr_setflags(&attributes.it, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const std::vector<char*> environment = environment_without_ours();
  return ::posix_spawn(&pid, arguments.front(), &actions.it, &attributes.it, arguments.data(), environment.data());
}

// What is there now; false at its end. What is too much is read and dropped.
bool take(int fd, std::string& into) {
  std::array<char, 4096> bytes{};
  for (;;) {
    const ssize_t got = ::read(fd, bytes.data(), bytes.size());
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    into.append(bytes.data(), std::min(static_cast<std::size_t>(got), kMostOutput + 1 - into.size()));
  }
}

std::string first_line(const std::string& text) {
  return std::string{trim(std::string_view{text}.substr(0, text.find('\n')))};
}

}  // namespace

tl::expected<std::string, NoToken> run_token_command(const std::vector<std::string>& words, Delay most,
                                                     const std::atomic<bool>* hurry) {
  const auto no = [&](const std::string& why, bool later = false) {
    return tl::unexpected{NoToken{words.front() + " " + why, later}};
  };
  Pipe output = make_pipe();
  Pipe errors = make_pipe();
  pid_t pid = 0;
  if (const int error = spawn(pid, words, output, errors); error != 0)
    return no(std::string{"cannot be run: "} + std::strerror(error));
  output.write.reset();
  errors.write.reset();
  // Wakes us at its end; not every kernel or container has it, and then we look every now and then.
  const Fd process{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
  const Instant end = now() + most;
  std::string said;
  std::string complained;
  int status = 0;
  bool over = false;
  bool late = false;
  while (!over && !late) {
    std::array<pollfd, 3> ready{
        {{process.get(), POLLIN, 0}, {output.read.get(), POLLIN, 0}, {errors.read.get(), POLLIN, 0}}};
    const auto left = std::clamp<std::int64_t>((end - now()).count(), 0, kLookEvery);
    ::poll(ready.data(), ready.size(), static_cast<int>(left));
    if (output.read && !take(output.read.get(), said)) output.read.reset();
    if (errors.read && !take(errors.read.get(), complained)) errors.read.reset();
    over = ::waitpid(pid, &status, WNOHANG) == pid;
    late = !over && (now() >= end || (hurry != nullptr && hurry->load(std::memory_order_relaxed)));
  }
  if (late) {
    ::kill(-pid, SIGKILL);
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return no("took longer than " + to_duration(most), true);
  }
  if (output.read) static_cast<void>(take(output.read.get(), said));
  if (errors.read) static_cast<void>(take(errors.read.get(), complained));
  const std::string why = complained.empty() ? "" : ": " + printable(first_line(complained), 200);
  if (WIFSIGNALED(status)) return no("was killed by signal " + std::to_string(WTERMSIG(status)) + why);
  if (const int code = WEXITSTATUS(status); code != 0)
    return no("ended with status " + std::to_string(code) + why, code == kTryLater);
  std::string token = said.size() > kMostOutput ? "" : first_line(said);
  const bool plain = std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (token.empty() || !plain) return no("printed no token" + why);
  return token;
}

}  // namespace sip2mail

// tests/gateway/relay/scripted_smtp.hpp -- an SMTP server on loopback that says what a test wrote, at any stage.
//
// A thread a connection, port 0. Answers are looked up by verb ("banner", "ehlo", "mail", "rcpt", "data", "dot"): a
// list, one a use in that connection, the last repeats; without one it is friendly. "CLOSE" closes, "STALL" says
// nothing until the client goes; an answer without CRLF at its end gets one, with "\n" at its end is sent as it is.
#pragma once

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gateway/base/files.hpp"
#include "gateway/base/sockets.hpp"
#include "src/base/text.hpp"
#include "src/base/time.hpp"

namespace sip2mail {

class ScriptedSmtp {
 public:
  using Script = std::map<std::string, std::vector<std::string>>;

  explicit ScriptedSmtp(Script script = {}, std::uint16_t port = 0)
      : ScriptedSmtp{[script](int) { return script; }, port} {}
  // A script for each connection, counted from 1.
  explicit ScriptedSmtp(std::function<Script(int)> scripts, std::uint16_t port = 0) : scripts_{std::move(scripts)} {
    listener_ = Fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const int yes = 1;
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    const SocketAddress local = to_sockaddr({*Address::parse("127.0.0.1"), port});
    if (::bind(listener_.get(), local.get(), local.length) != 0 || ::listen(listener_.get(), 64) != 0)
      throw_errno("cannot listen", "loopback");
    port_ = local_endpoint(listener_.get()).port;
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("cannot create", "pipe");
    stopped_ = Fd{ends[0]};
    stop_ = Fd{ends[1]};
    acceptor_ = std::thread{[this] { accept(); }};
  }
  ~ScriptedSmtp() {
    stop_.reset();  // every poll sees the end of the pipe
    acceptor_.join();
    for (std::thread& talk : talks_) talk.join();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int connections() const {
    const std::lock_guard lock{mutex_};
    return connections_;
  }
  [[nodiscard]] std::vector<std::string> mails() const {
    const std::lock_guard lock{mutex_};
    return mails_;
  }
  [[nodiscard]] std::vector<std::string> commands() const {
    const std::lock_guard lock{mutex_};
    return commands_;
  }
  // Until it has so many mails; false: not in time.
  [[nodiscard]] bool wait_for_mails(std::size_t count, Delay most = 20s) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, most, [&] { return mails_.size() >= count; });
  }

 private:
  // False: we are stopped.
  bool readable(int fd) const {
    pollfd both[2] = {{fd, POLLIN, 0}, {stopped_.get(), POLLIN, 0}};
    while (::poll(both, 2, -1) < 0) {
    }
    return both[1].revents == 0;
  }

  void accept() {
    while (readable(listener_.get())) {
      Fd client{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
      if (!client) continue;
      int number = 0;
      {
        const std::lock_guard lock{mutex_};
        number = ++connections_;
      }
      talks_.emplace_back([this, number, client = std::move(client)] { talk(client.get(), scripts_(number)); });
    }
  }

  // One line; false: the client has gone, or we are stopped.
  bool read_line(int client, std::string& buffer, std::string& line) const {
    for (;;) {
      if (const auto end = buffer.find('\n'); end != std::string::npos) {
        line = buffer.substr(0, end + 1);
        buffer.erase(0, end + 1);
        return true;
      }
      if (!readable(client)) return false;
      char bytes[16384];
      const ssize_t got = ::recv(client, bytes, sizeof bytes, 0);
      if (got <= 0) return false;
      buffer.append(bytes, static_cast<std::size_t>(got));
    }
  }

  void talk(int client, Script script) {
    std::map<std::string, std::size_t> used;
    const auto answer = [&](const std::string& verb, std::string friendly) {
      if (const auto found = script.find(verb); found != script.end() && !found->second.empty())
        friendly = found->second[std::min(used[verb]++, found->second.size() - 1)];
      if (friendly == "CLOSE") return false;
      if (friendly == "STALL") {
        char bytes[4096];
        while (readable(client) && ::recv(client, bytes, sizeof bytes, 0) > 0) {
        }
        return false;
      }
      const bool close = friendly.ends_with("CLOSE");
      if (close) friendly.resize(friendly.size() - 5);
      if (!friendly.ends_with('\n')) friendly += "\r\n";
      std::string_view left = friendly;
      while (!left.empty()) {
        const ssize_t sent = ::send(client, left.data(), left.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        left.remove_prefix(static_cast<std::size_t>(sent));
      }
      return !close;
    };
    if (!answer("banner", "220 scripted ESMTP")) return;
    std::string buffer;
    std::string line;
    while (read_line(client, buffer, line)) {
      const std::string verb = lower(line.substr(0, std::min(line.find_first_of(" \r\n"), line.size())));
      {
        const std::lock_guard lock{mutex_};
        commands_.emplace_back(trim(line));
      }
      if (verb == "quit") {
        answer("quit", "221 bye");
        return;
      }
      const bool data = verb == "data";
      if (!answer(verb, verb == "ehlo" ? "250-scripted\r\n250 SIZE 100000000" : data ? "354 go on" : "250 2.0.0 Ok"))
        return;
      if (!data || (script.contains("data") &&
                    !script["data"][std::min(used["data"] - 1, script["data"].size() - 1)].starts_with("354")))
        continue;
      std::string mail;
      for (;;) {
        if (!read_line(client, buffer, line)) return;
        if (line == ".\r\n") break;
        mail += line.starts_with('.') ? line.substr(1) : line;
      }
      {
        const std::lock_guard lock{mutex_};
        mails_.push_back(std::move(mail));
      }
      changed_.notify_all();
      const bool goes_on = answer("dot", "250 2.0.0 Ok: queued as 4F1A");
      if (!goes_on) return;
    }
  }

  const std::function<Script(int)> scripts_;
  Fd listener_, stopped_, stop_;
  std::uint16_t port_ = 0;
  std::thread acceptor_;
  std::vector<std::thread> talks_;  // touched by the acceptor, and after it has been joined
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int connections_ = 0;
  std::vector<std::string> mails_;
  std::vector<std::string> commands_;
};

}  // namespace sip2mail

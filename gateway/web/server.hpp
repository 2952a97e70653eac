// gateway/web/server.hpp -- carries an Api over HTTP on control.sock (AF_UNIX, 0600) in queue.directory.
//
// Its own threads, few: an accepting one and kThreads that answer; requests and bodies are bounded, a connection
// carries one request. Made by who holds the queue's lock: only then a socket file that is there is a stale one. The
// constructor throws std::system_error; the destructor ends what runs and removes the socket.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "gateway/web/api.hpp"

namespace sip2mail {

[[nodiscard]] std::filesystem::path control_socket(const std::filesystem::path& queue_directory);

class Server {
 public:
  using Answer = std::function<ApiAnswer(const ApiRequest&)>;

  // `answer` is called on the threads of the server.
  Server(const std::filesystem::path& socket, Answer answer);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

 private:
  struct Running;
  std::unique_ptr<Running> running_;
};

}  // namespace sip2mail

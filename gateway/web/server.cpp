#include "gateway/web/server.hpp"

#include <httplib.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "gateway/base/files.hpp"
#include "gateway/web/file_answer.hpp"

namespace sip2mail {
namespace {

constexpr std::size_t kThreads = 2;
constexpr std::size_t kLargestBody = 64 * 1024;

ApiRequest to_request(const httplib::Request& http) {
  ApiRequest request{http.method, http.path, {}, http.body, http.get_header_value("Origin")};
  for (const auto& [name, value] : http.params) request.query.insert_or_assign(name, value);
  return request;
}

std::string error_body(int status) {
  const char* error = status == 413   ? "too large"
                      : status == 416 ? "no such range"
                      : status == 404 ? "not found"
                      : status >= 500 ? "internal error"
                                      : "bad request";
  const std::string detail = status == 413   ? "a body has at most " + std::to_string(kLargestBody) + " bytes"
                             : status == 416 ? "it has fewer bytes"
                                             : "HTTP status " + std::to_string(status);
  return std::string{"{\"error\":\""} + error + "\",\"detail\":\"" + detail + "\"}";
}

}  // namespace

std::filesystem::path control_socket(const std::filesystem::path& queue_directory) {
  return queue_directory / "control.sock";
}

struct Server::Running {
  std::filesystem::path socket;
  httplib::Server http;
  std::atomic<bool> ended{false};
  std::thread thread;
};

Server::Server(const std::filesystem::path& socket, Answer answer) : running_{std::make_unique<Running>()} {
  running_->socket = socket;
  httplib::Server& http = running_->http;
  http.new_task_queue = [] { return new httplib::ThreadPool{kThreads}; };  // httplib deletes it
  http.set_address_family(AF_UNIX);
  // On Linux a socket's own mode is that of its file, so nobody can connect between bind and a chmod.
  http.set_socket_options([](socket_t fd) { ::fchmod(fd, S_IRUSR | S_IWUSR); });
  http.set_payload_max_length(kLargestBody);
  http.set_read_timeout(5);
  http.set_write_timeout(5);
  http.set_keep_alive_max_count(1);
  const auto handler = [answer = std::move(answer)](const httplib::Request& request, httplib::Response& response) {
    const ApiAnswer done = answer(to_request(request));
    if (done.file && done.status == 200) return send_file(request, response, *done.file, done.type);
    response.status = done.status;
    response.set_content(done.body, done.type.c_str());
  };
  http.Get(".*", handler);
  http.Post(".*", handler);
  http.Put(".*", handler);
  http.Patch(".*", handler);
  http.Delete(".*", handler);
  http.Options(".*", handler);
  // What httplib refuses by itself, a body too large say.
  http.set_error_handler([](const httplib::Request&, httplib::Response& response) {
    if (response.body.empty()) response.set_content(error_body(response.status), "application/json");
  });

  std::filesystem::remove(socket);  // of a process that was killed
  errno = 0;
  if (!http.bind_to_port(socket.c_str(), 80)) throw_errno("cannot listen on", socket);  // AF_UNIX: the port is not used
  running_->thread = std::thread{[running = running_.get()] {
    running->http.listen_after_bind();
    running->ended = true;
  }};
}

Server::~Server() {
  // stop() is lost on a server that has not begun yet.
  while (!running_->http.is_running() && !running_->ended) std::this_thread::yield();
  running_->http.stop();
  running_->thread.join();
  std::error_code ignored;
  std::filesystem::remove(running_->socket, ignored);
}

}  // namespace sip2mail

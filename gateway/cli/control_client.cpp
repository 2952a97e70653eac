#include "gateway/cli/control_client.hpp"

#include <httplib.h>

#include <nlohmann/json.hpp>

#include "gateway/cli/io.hpp"
#include "gateway/web/server.hpp"
#include "src/base/text.hpp"

namespace sip2mail {

std::optional<ApiAnswer> ask_gateway(const std::filesystem::path& queue_directory, const ApiRequest& request) {
  const std::filesystem::path socket = control_socket(queue_directory);
  httplib::Client client{socket.string(), 80};
  client.set_address_family(AF_UNIX);
  client.set_connection_timeout(5);
  client.set_read_timeout(15);
  client.set_write_timeout(5);
  client.set_default_headers({{"Host", "localhost"}});
  const httplib::Result result = request.method == "POST" ? client.Post(request.path, request.body, "application/json")
                                 : request.method == "DELETE" ? client.Delete(request.path)
                                                              : client.Get(request.path);
  if (!result) {
    if (result.error() == httplib::Error::Connection) return std::nullopt;
    throw CommandFailure{Exit::unavailable, "the gateway does not answer on " + socket.string()};
  }
  return ApiAnswer{result->status, result->get_header_value("Content-Type"), result->body};
}

std::string detail_of(const ApiAnswer& answer) {
  const auto body = nlohmann::json::parse(answer.body, nullptr, false);
  if (body.is_object() && body.contains("detail") && body["detail"].is_string())
    return printable(body["detail"].get<std::string>());
  return printable(answer.body);
}

}  // namespace sip2mail

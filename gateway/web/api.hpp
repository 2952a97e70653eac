// gateway/web/api.hpp -- the HTTP API as a function: request in, status and JSON out (contract, section 6).
//
// Knows no socket: server.hpp carries it over control.sock, and a command calls it in its own process when no gateway
// runs. Any thread: each request opens its own Reader; a change waits, bounded, for its COMMIT. Failures of the machine
// become 500 or 503.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/queue/reader.hpp"
#include "gateway/queue/writer.hpp"
#include "gateway/relay/relay_status.hpp"

namespace sip2mail {

struct ApiRequest {
  std::string method;  // "GET", "POST", "DELETE"
  std::string path;    // decoded
  std::map<std::string, std::string> query;
  std::string body;
  std::string origin;  // of a browser; empty: none
};

struct ApiAnswer {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::optional<std::filesystem::path> file{};  // instead of the body; a client may ask for a range of it
};

// The mail as it would be sent; runs on the thread that asks.
using MakeMail = std::function<std::string(const Item&, const Recipient&, const StoredContent&)>;

// The running delivery; neither is set where no gateway runs.
struct Delivery {
  std::function<std::vector<RelayStatus>()> relays;  // how they stand, in their order
  std::function<void()> ask_now;                     // a relay that is down is asked at once
};

// What an operator does to items: POST …/{id}/retry, hold, release and DELETE …/{id}; POST …/retry, hold, release,
// delete with {"states":[…]} to all in these states, answered by their number. Only retry takes {"to":[…]}: the failed
// recipients are replaced.
enum class Deed { retry, hold, release, remove };
[[nodiscard]] std::optional<Deed> parse_deed(std::string_view text);

class Api {
 public:
  Api(std::filesystem::path queue_directory, Writer& writer, const Health& health, MakeMail make_mail,
      Delivery delivery = {});

  [[nodiscard]] ApiAnswer answer(const ApiRequest& request) const;

 private:
  [[nodiscard]] ApiAnswer route(const ApiRequest& request) const;
  [[nodiscard]] ApiAnswer ready() const;
  [[nodiscard]] ApiAnswer relays() const;
  [[nodiscard]] ApiAnswer list(const ApiRequest& request) const;
  [[nodiscard]] ApiAnswer one(const ApiRequest& request, const ItemId& id, const std::string& verb) const;
  [[nodiscard]] ApiAnswer audio(const Item& item, const Reader& reader) const;
  [[nodiscard]] ApiAnswer mail(const Item& item, const Reader& reader, const ApiRequest& request) const;
  // api_changes.cpp
  [[nodiscard]] ApiAnswer change_one(Deed deed, const ItemId& id, const std::string& body) const;
  [[nodiscard]] ApiAnswer change_many(Deed deed, const std::string& body) const;
  [[nodiscard]] int change(Deed deed, const Selection& selection, const std::vector<std::string>& to) const;

  std::filesystem::path directory_;
  Writer& writer_;
  const Health& health_;
  MakeMail make_mail_;
  Delivery delivery_;
};

}  // namespace sip2mail

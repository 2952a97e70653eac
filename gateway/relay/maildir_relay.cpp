#include "gateway/relay/maildir_relay.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "gateway/base/clock.hpp"
#include "gateway/base/files.hpp"
#include "src/base/ids.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

// Maildir forbids / and : in names.
std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  std::string host{name.data()};
  for (char& c : host) {
    if (c == '/' || c == ':' || static_cast<unsigned char>(c) <= ' ') c = '_';
  }
  return host;
}

void make_directory(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) throw_errno("cannot create", path);
}

// As local delivery agents store it: LF line ends, envelope on top.
std::string as_stored(const Mail& mail) {
  std::string out = "Return-Path: <" + mail.sender + ">\nDelivered-To: " + mail.recipient + "\n";
  out.reserve(out.size() + mail.bytes->size());
  for (std::size_t i = 0; i < mail.bytes->size(); ++i) {
    const char c = (*mail.bytes)[i];
    if (c == '\r' && i + 1 < mail.bytes->size() && (*mail.bytes)[i + 1] == '\n') continue;
    out += c;
  }
  return out;
}

}  // namespace

MaildirRelay::MaildirRelay(std::filesystem::path directory, std::string name)
    : directory_{std::move(directory)}, name_{std::move(name)}, host_{host_name()} {}

void MaildirRelay::make_directories() const {
  std::filesystem::path parent;
  for (const auto& part : directory_.lexically_normal()) {
    parent /= part;
    if (parent.empty() || std::filesystem::exists(parent)) continue;
    make_directory(parent);
    sync_directory(parent.has_parent_path() ? parent.parent_path() : ".");  // else a power cut takes it with all in it
  }
  for (const char* room : {"tmp", "new", "cur"}) make_directory(directory_ / room);
  sync_directory(directory_);
}

// time.unique.host: the time is the item's own (it stands in its ULID), so the name is the same each time.
std::string MaildirRelay::file_name(const Mail& mail) {
  const std::string_view name = mail.name;
  if (const auto id = ItemId::parse(name.substr(0, 26)); id && name.size() > 27 && name[26] == '.') {
    constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    std::uint64_t milliseconds = 0;
    for (const char c : id->view().substr(0, 10)) milliseconds = milliseconds << 5 | digits.find(c);
    std::string number{name.substr(27)};
    if (number.find_first_not_of("0123456789") == std::string::npos)
      return std::to_string(milliseconds / 1000) + "." + id->text() + "-" + number + "." + host_;
  }
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now().time_since_epoch()).count();
  return std::to_string(to_milliseconds(utc_now()) / 1000) + ".M" + std::to_string(micros) + "P" +
         std::to_string(::getpid()) + "Q" + std::to_string(++count_) + "." + host_;
}

Reply MaildirRelay::send(const Mail& mail) {
  Reply reply;
  reply.relay = name_;
  try {
    make_directories();
    const std::string name = file_name(mail);
    const auto draft = directory_ / "tmp" / name;
    const auto place = directory_ / "new" / name;
    const std::string bytes = as_stored(mail);
    try {
      const Fd file = open_file(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
      write_all(file.get(), bytes, draft);
      if (::fsync(file.get()) != 0) throw_errno("cannot sync", draft);
    } catch (...) {
      ::unlink(draft.c_str());
      throw;
    }
    if (::rename(draft.c_str(), place.c_str()) != 0) throw_errno("cannot rename into", place);
    sync_directory(directory_ / "new");
    reply.stage = Stage::accepted;
    reply.code = 250;
    reply.text = printable("250 2.0.0 stored as new/" + name);
  } catch (const std::exception& error) {
    reply.stage = Stage::connect;  // the relay is not to be had: the item keeps waiting
    reply.text = printable(error.what());
  }
  return reply;
}

}  // namespace sip2mail

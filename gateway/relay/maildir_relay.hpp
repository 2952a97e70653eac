// gateway/relay/maildir_relay.hpp -- mail into a Maildir: one file a recipient, durable before it is called delivered.
//
// Owned by one sender thread. tmp/, fsync, rename into new/, fsync of new/. The file's name is made of the mail's own
// name, so a second delivery of the same mail replaces the first. What the disk refuses is the relay's trouble.
#pragma once

#include <filesystem>
#include <string>

#include "gateway/relay/relay.hpp"

namespace sip2mail {

class MaildirRelay final : public Relay {
 public:
  MaildirRelay(std::filesystem::path directory, std::string name);
  [[nodiscard]] Reply send(const Mail& mail) override;

 private:
  void make_directories() const;
  [[nodiscard]] std::string file_name(const Mail& mail);

  const std::filesystem::path directory_;
  const std::string name_;
  std::string host_;
  unsigned count_ = 0;
};

}  // namespace sip2mail

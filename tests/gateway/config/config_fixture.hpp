// tests/gateway/config/config_fixture.hpp -- loads a configuration from text, on a machine that is made up.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gateway/config/load.hpp"
#include "tests/gateway/base/temporary_directory.hpp"

namespace sip2mail {

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    machine_.full_name = [this] { return host_; };
    machine_.knows_zone = [](const std::string& name) { return name == "Asia/Tokyo"; };
    machine_.greeting_fault = [](const std::filesystem::path& path) {
      return path == "/good.wav" ? std::string{} : "cannot be read: No such file or directory";
    };
  }

  Loaded load_text(const std::string& text) {
    const std::filesystem::path file = directory_ / "c.conf";
    std::ofstream{file} << text;
    sources_.file = file;
    return load(sources_, machine_);
  }
  // The errors, with the name of the file as F.
  std::string errors(const std::string& text) { return joined(load_text(text).errors); }
  std::string warnings(const std::string& text) { return joined(load_text(text).warnings); }
  std::string joined(const std::vector<std::string>& lines) const {
    std::string all;
    const std::string name = (directory_ / "c.conf").string();
    for (std::string line : lines) {
      if (line.starts_with(name)) line.replace(0, name.size(), "F");
      all += (all.empty() ? "" : "\n") + line;
    }
    return all;
  }

  TemporaryDirectory temporary_;
  const std::filesystem::path& directory_ = temporary_.path();
  std::string host_ = "vm.example.com";
  Machine machine_;
  ConfigSources sources_;
};

}  // namespace sip2mail

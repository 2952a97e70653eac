#include "gateway/config/secret_files.hpp"

#include "tests/gateway/config/config_fixture.hpp"

namespace sip2mail {
namespace {

class SecretFiles : public ConfigTest {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream{directory_ / name} << text;
    return (directory_ / name).string();
  }
  // What becomes of these, with x.password the only secret.
  std::string read(std::vector<Given> given) {
    Layer layer{std::move(given), {}, {}};
    read_secret_files(layer, [](std::string_view section, std::string_view key) {
      return section == "x" && key == "password-file" ? std::string_view{"password"} : std::string_view{};
    });
    std::string all;
    for (const Given& each : layer.given) all += each.name() + "=" + each.value + " at " + each.where + "\n";
    for (const std::string& error : layer.errors) all += error + "\n";
    return all;
  }
};

TEST_F(SecretFiles, GiveTheirContentLessOneLineEnd) {
  const std::string one = write("one", "p#ss word\n\n");
  EXPECT_EQ(read({{"x", "password-file", one, "F:1"}, {"y", "password-file", "z", "F:2"}}),
            "x.password=p#ss word\n at F:1 (" + one + ")\ny.password-file=z at F:2\n");
  const std::string two = write("two", "secret\r\n");
  EXPECT_EQ(read({{"x", "password-file", two, "V"}}), "x.password=secret at V (" + two + ")\n");
}

TEST_F(SecretFiles, SayWhatIsWrongWithThem) {
  const std::string none = (directory_ / "none").string();
  EXPECT_EQ(read({{"x", "password-file", none, "F:1"}}), "x.password=? at F:1 (" + none + ")\nF:1: x.password-file: " +
                                                             none + " cannot be read: No such file or directory\n");
  EXPECT_EQ(errors("[relay]\nurl = smtps://mail.example.com\nuser = u@example.com\npassword-file = " + none +
                   "\n[mailbox.1]\nemail = a@example.com\n"),
            "F:4: relay.password-file: " + none + " cannot be read: No such file or directory")
      << "and not that there is no password too";
  const std::string empty = write("empty", "\n");
  EXPECT_NE(read({{"x", "password-file", empty, "F:1"}}).find("F:1: x.password-file: " + empty + " is empty\n"),
            std::string::npos);
  const std::string large = write("large", std::string(65537, 'x'));
  EXPECT_NE(read({{"x", "password-file", large, "F:1"}}).find(" is larger than 64K\n"), std::string::npos);
}

TEST_F(SecretFiles, AreNotGivenBesideTheSecretItself) {
  const std::string one = write("one", "secret");
  EXPECT_EQ(read({{"x", "password", "word", "F:1"}, {"x", "password-file", one, "F:2"}}),
            "x.password=word at F:1\nF:2 (" + one + "): x.password is set twice: F:1\n");
}

}  // namespace
}  // namespace sip2mail

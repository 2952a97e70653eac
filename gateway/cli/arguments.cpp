#include "gateway/cli/arguments.hpp"

#include <boost/program_options.hpp>

#include "gateway/cli/io.hpp"
#include "src/base/suggest.hpp"
#include "src/base/text.hpp"

namespace po = boost::program_options;

namespace sip2mail {
namespace {

std::vector<std::string> option_names(const po::options_description& description) {
  std::vector<std::string> names;
  for (const auto& option : description.options()) names.push_back("--" + option->long_name());
  return names;
}

}  // namespace

Arguments parse_arguments(const std::vector<std::string>& arguments) {
  Arguments out;
  po::options_description all;
  const auto text = [](auto& into) { return po::value(&into); };
  all.add_options()                                                                         //
      ("config", po::value<std::string>())                                                  //
      ("set", text(out.set)->composing())                                                   //
      ("state", text(out.state))                                                            //
      ("mailbox", po::value<std::string>())("kind", po::value<std::string>())               //
      ("to", text(out.to))("format", text(out.format))                                      //
      ("audio", text(out.audio))("from", text(out.from))("diversion", text(out.diversion))  //
      ("output,o", text(out.output))                                                        //
      ("json", "")("all", "")("ready", "")("help,h", "")("version", "");
  po::options_description with_words;
  with_words.add(all).add_options()("words", text(out.words));
  po::positional_options_description positional;
  positional.add("words", -1);
  try {
    // No guessing of abbreviated options: a new option must not change what an old script means.
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    const auto parsed =
        po::command_line_parser(arguments).options(with_words).positional(positional).style(style).run();
    po::variables_map values;
    po::store(parsed, values);
    po::notify(values);
    for (const auto& [name, value] : values) {
      if (name != "words") out.given.insert(name);
    }
    const auto optional = [&](const char* name) {
      return values.count(name) == 0 ? std::nullopt : std::optional{values[name].as<std::string>()};
    };
    out.config = optional("config");
    out.mailbox = optional("mailbox");
    out.kind = optional("kind");
  } catch (const po::unknown_option& error) {
    const std::string name = error.get_option_name();
    throw CommandFailure{Exit::usage, "no option " + printable(name, 100) + did_you_mean(name, option_names(all))};
  } catch (const po::error& error) {
    throw CommandFailure{Exit::usage, printable(error.what(), 300)};
  }
  return out;
}

}  // namespace sip2mail

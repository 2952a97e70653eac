#include "gateway/media/greetings.hpp"

#include <filesystem>
#include <stdexcept>
#include <vector>

namespace sip2mail {
namespace {

PromptLibrary load_prompts(const Settings& settings) {
  std::vector<std::filesystem::path> files{settings.call.greeting, settings.call.greeting_busy};
  for (const Mailbox& mailbox : settings.mailboxes) {
    files.emplace_back(mailbox.greeting);
    files.emplace_back(mailbox.greeting_busy);
  }
  auto library = PromptLibrary::load(files);
  if (!library) throw std::runtime_error{library.error()};
  return std::move(*library);
}

}  // namespace

Greetings::Greetings(const Settings& settings) : library_{load_prompts(settings)} {}

Prompts Greetings::choose(const Settings& settings, const Mailbox* mailbox, const std::string& reason,
                          Codec codec) const {
  const bool busy = reason == "busy";
  std::vector<std::filesystem::path> files;
  if (mailbox != nullptr && busy) files.emplace_back(mailbox->greeting_busy);
  if (mailbox != nullptr) files.emplace_back(mailbox->greeting);
  files.push_back(busy ? settings.call.greeting_busy : settings.call.greeting);
  const std::string& language =
      mailbox != nullptr && !mailbox->language.empty() ? mailbox->language : settings.mail.language;
  Prompts prompts;
  for (const std::filesystem::path& file : files) {
    if (!prompts.greeting) prompts.greeting = library_.file(file, codec);
  }
  if (!prompts.greeting)
    prompts.greeting =
        library_.built_in(busy ? BuiltInPrompt::greeting_busy : BuiltInPrompt::greeting, language, codec);
  if (settings.call.beep) prompts.beep = library_.beep(codec);
  prompts.not_saved = library_.built_in(BuiltInPrompt::not_saved, language, codec);
  return prompts;
}

}  // namespace sip2mail

#include <unistd.h>

#include <csignal>
#include <iostream>

#include "gateway/cli/commands.hpp"
#include "gateway/delivery/mail_maker.hpp"
#include "gateway/serve.hpp"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer or a pipe that is gone is an error of one write, not the end
  const std::vector<std::string> arguments{argv + 1, argv + argc};
  const sip2mail::Program program{{std::cin, std::cout, std::cerr, ::isatty(STDOUT_FILENO) == 1},
                                  sip2mail::this_environment(),
                                  sip2mail::this_machine(),
                                  sip2mail::default_config_files(),
                                  sip2mail::serve,
                                  sip2mail::make_mail};
  return sip2mail::run_command(arguments, program);
}

// gateway/base/embedded.hpp -- files that the program carries in itself (CMakeLists.txt makes them bytes).
#pragma once

#include <cstddef>
#include <string_view>

// EMBEDDED(schema_001_queue_sql) is the content of schema/001_queue.sql: the path with every other character as '_'.
#define SIP2MAIL_DECLARE_EMBEDDED(name)          \
  extern "C" const char embedded_##name##_begin; \
  extern "C" const char embedded_##name##_end;
#define SIP2MAIL_EMBEDDED(name)               \
  (std::string_view{&embedded_##name##_begin, \
                    static_cast<std::size_t>(&embedded_##name##_end - &embedded_##name##_begin)})

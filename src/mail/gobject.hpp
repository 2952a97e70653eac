// src/mail/gobject.hpp -- a counted reference to a GObject (GMime's) or a GLib value, given back when it leaves scope.
//
// Owned by whoever holds it, one thread; GLib ends the program when memory is out, so nothing here fails.
#pragma once

#include <glib-object.h>

#include <memory>

namespace sip2mail {

struct GObjectUnref {
  void operator()(void* object) const { g_object_unref(object); }
};
// Takes over the reference that a *_new() function returned.
template <class T>
using GObjectRef = std::unique_ptr<T, GObjectUnref>;

struct GFree {
  void operator()(void* memory) const { g_free(memory); }
};
template <class T>
using GMemory = std::unique_ptr<T, GFree>;

}  // namespace sip2mail

// src/base/agenda.hpp -- key -> deadline: what is due next, and until when its thread may sleep.
//
// Owned by one thread. A key has at most one deadline; setting it again moves it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "src/base/time.hpp"

namespace sip2mail {

template <class Key>
class Agenda {
 public:
  void set(const Key& key, std::optional<Instant> deadline) {
    if (const auto known = deadlines_.find(key); known != deadlines_.end()) {
      if (deadline && known->second == *deadline) return;
      order_.erase({known->second, key});
      deadlines_.erase(known);
    }
    if (!deadline) return;
    deadlines_.emplace(key, *deadline);
    order_.emplace(*deadline, key);
  }
  void erase(const Key& key) { set(key, std::nullopt); }

  [[nodiscard]] std::optional<Instant> next() const {
    return order_.empty() ? std::nullopt : std::optional{order_.begin()->first};
  }
  // Every key whose deadline has come, in order; they leave the agenda.
  [[nodiscard]] std::vector<Key> due(Instant now) {
    std::vector<Key> keys;
    while (!order_.empty() && order_.begin()->first <= now) {
      keys.push_back(order_.begin()->second);
      deadlines_.erase(order_.begin()->second);
      order_.erase(order_.begin());
    }
    return keys;
  }
  [[nodiscard]] std::size_t size() const { return order_.size(); }

 private:
  std::map<Key, Instant> deadlines_;
  std::set<std::pair<Instant, Key>> order_;
};

}  // namespace sip2mail

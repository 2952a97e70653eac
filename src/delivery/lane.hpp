// src/delivery/lane.hpp -- recipients that wait for a connection: first come, first served, and each address in turn.
//
// Owned by Dispatch. Taking one costs no more than the number of addresses that may not go now.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "src/base/ids.hpp"

namespace sip2mail {

class Lane {
 public:
  void push(const std::string& address, const RecipientId& id) {
    auto& queue = waiting_[address];
    if (queue.empty()) turns_.push_back(address);
    queue.push_back(id);
    ++size_;
  }

  // The first in turn for which may_go(address, id) holds; its address goes to the end of the turns.
  template <class MayGo>
  [[nodiscard]] std::optional<RecipientId> take(MayGo may_go) {
    for (auto turn = turns_.begin(); turn != turns_.end(); ++turn) {
      const auto found = waiting_.find(*turn);
      const RecipientId id = found->second.front();
      if (!may_go(found->first, id)) continue;
      found->second.pop_front();
      --size_;
      std::string address = std::move(*turn);
      turns_.erase(turn);
      if (found->second.empty()) {
        waiting_.erase(found);
      } else {
        turns_.push_back(std::move(address));
      }
      return id;
    }
    return std::nullopt;
  }

  void erase(const std::string& address, const RecipientId& id) {
    const auto found = waiting_.find(address);
    if (found == waiting_.end()) return;
    size_ -= std::erase(found->second, id);
    if (!found->second.empty()) return;
    waiting_.erase(found);
    turns_.erase(std::find(turns_.begin(), turns_.end(), address));
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t addresses() const { return waiting_.size(); }
  [[nodiscard]] bool only(const std::string& address) const {
    return waiting_.empty() || (waiting_.size() == 1 && waiting_.begin()->first == address);
  }

 private:
  std::deque<std::string> turns_;
  std::unordered_map<std::string, std::deque<RecipientId>> waiting_;
  std::size_t size_ = 0;
};

}  // namespace sip2mail

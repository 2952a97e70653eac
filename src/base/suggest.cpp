#include "src/base/suggest.hpp"

#include <algorithm>
#include <numeric>

#include "src/base/text.hpp"

namespace sip2mail {
namespace {

// Edit distance in which two neighbours that changed places count once (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, changed});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string nearest(std::string_view typed, const std::vector<std::string>& known) {
  constexpr std::size_t longest = 100;  // nobody mistypes more than that; the work stays bounded
  if (typed.size() > longest) return {};
  const std::string wanted = lower(typed);
  std::string best;
  std::size_t least = longest;
  for (const std::string& word : known) {
    const std::size_t far = distance(wanted, lower(word));
    if (far < least && far <= std::max<std::size_t>(1, word.size() / 3)) {
      least = far;
      best = word;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view typed, const std::vector<std::string>& known) {
  const std::string word = nearest(typed, known);
  return word.empty() ? "" : " (did you mean " + word + "?)";
}

}  // namespace sip2mail

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/report/plot.hpp"
#include "base/error.hpp"

namespace app {

// Words and numbers in rows, below a title.
struct Table {
  std::string id;  // a word
  std::string title;
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;  // each as long as `head`
};

// A page that needs nothing but itself: no network, no other file.
struct Page {
  std::string title;
  std::vector<std::pair<std::string, std::string>> facts;  // what a summary says, as name and value
  std::vector<Plot> plots;
  std::vector<Table> tables{};  // below the plots
};

std::string html(Page const& page);

// Makes the file with a page that says that the run goes on: whether it can be written is known before the
// run. invalid: it can't.
base::Result<void> reserve_page(std::string const& path, std::string const& title);
// transient: the disk refused; what was there is gone.
base::Result<void> write_page(std::string const& path, Page const& page);

}  // namespace app

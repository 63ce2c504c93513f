#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/error.hpp"

namespace base {

namespace asio = boost::asio;

// A coroutine that ends in a value or an Error. Inside `co_await` pass names, not braced temporaries or
// capturing lambdas: g++ 12 destroys such temporaries twice.
template <class T = void>
using Task = asio::awaitable<Result<T>>;

}  // namespace base

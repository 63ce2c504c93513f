// Asio's own code, compiled once: with BOOST_ASIO_SEPARATE_COMPILATION its headers only declare.
#include <boost/asio/impl/src.hpp>

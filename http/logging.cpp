#include "http/logging.hpp"

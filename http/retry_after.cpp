#include "http/retry_after.hpp"

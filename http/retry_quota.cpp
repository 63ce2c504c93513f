#include "http/retry_quota.hpp"

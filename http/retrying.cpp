#include "http/retrying.hpp"

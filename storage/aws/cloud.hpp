#pragma once

#include <memory>

#include "storage/core/cloud.hpp"
#include "storage/core/context.hpp"

namespace storage::aws {

// SQS queues and DynamoDB tables: aws:NAME, aws://REGION/NAME and SQS queue URLs. Settings: the AWS_*
// variables of the region, the endpoints, the credentials, AWS_MAX_ATTEMPTS and AWS_RETRY_MODE.
std::unique_ptr<Cloud> make_cloud(Context context);

}  // namespace storage::aws

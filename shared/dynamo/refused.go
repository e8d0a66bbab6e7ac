package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"sence.gob.cl/gestor/shared/fault"
)

// conditionFailed is the code of a cancellation reason.
const conditionFailed = "ConditionalCheckFailed"

// verdict tells the refusal of the lowest rank; nil when the content is stored.
func verdict(op string, all []refusal) error {
	first := all[0]
	for _, r := range all[1:] {
		if r.rank < first.rank {
			first = r
		}
	}
	if first.rank == rankStored {
		return nil
	}
	return fault.New(first.kind, op+first.what, first.err)
}

// cancelledKind classifies a cancellation without a failed condition. Only a code is kept: the service's message may
// quote keys.
func cancelledKind(op string, cancelled *types.TransactionCanceledException) error {
	kind, code := fault.Transient, "TransactionCanceled"
	for _, reason := range cancelled.CancellationReasons {
		switch c := aws.ToString(reason.Code); c {
		case "", "None":
		case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded",
			"InternalServerError", "DuplicateItem":
			code = c
		default: // ValidationError, AccessDenied, ItemCollectionSizeLimitExceeded: no retry changes them
			kind, code = fault.Permanent, c
		}
	}
	return fault.New(kind, op, errors.New(code))
}

// classified gives an error of the SDK its kind. What the service refuses for good is Permanent; all else (throttling,
// its own failures, an unreachable endpoint, an answer that was lost, a context that ended) is Transient: every write
// carries conditions, so trying again is safe. nil stays nil.
func classified(op string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fault.New(fault.Transient, op, errors.New("context ended"))
	}
	var answer smithy.APIError
	if !errors.As(err, &answer) {
		return fault.New(fault.Transient, op, errors.New("no answer"))
	}
	code := answer.ErrorCode()
	switch code {
	case "ValidationException", "ResourceNotFoundException", "AccessDeniedException", "SerializationException",
		"ItemCollectionSizeLimitExceededException", "IdempotentParameterMismatchException", "MissingAuthenticationTokenException",
		"UnrecognizedClientException", "InvalidSignatureException", "IncompleteSignatureException":
		return fault.New(fault.Permanent, op, errors.New(code))
	default:
		return fault.New(fault.Transient, op, errors.New(code))
	}
}

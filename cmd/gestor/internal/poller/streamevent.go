package poller

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// streamRecord is one element of the Records of a Lambda DynamoDB event (aws-lambda-go events.DynamoDBEventRecord), as
// the maps and strings that filters read. Created is the local time to show. The record has a sequence number.
func (s *streamSource) streamRecord(r types.Record, created time.Time) (map[string]any, error) {
	change := map[string]any{
		"ApproximateCreationDateTime": json.Number(strconv.FormatInt(created.Unix(), 10)),
		"SequenceNumber":              aws.ToString(r.Dynamodb.SequenceNumber),
		"SizeBytes":                   json.Number(strconv.FormatInt(aws.ToInt64(r.Dynamodb.SizeBytes), 10)),
		"StreamViewType":              string(r.Dynamodb.StreamViewType),
	}
	for name, item := range map[string]map[string]types.AttributeValue{
		"Keys": r.Dynamodb.Keys, "NewImage": r.Dynamodb.NewImage, "OldImage": r.Dynamodb.OldImage,
	} {
		if len(item) == 0 {
			continue
		}
		image, err := attributes(item)
		if err != nil {
			return nil, err
		}
		change[name] = image
	}
	record := map[string]any{
		"eventID":        aws.ToString(r.EventID),
		"eventName":      string(r.EventName),
		"eventVersion":   aws.ToString(r.EventVersion),
		"eventSource":    "aws:dynamodb",
		"awsRegion":      s.p.cfg.Region,
		"dynamodb":       change,
		"eventSourceARN": s.ARN,
	}
	if u := r.UserIdentity; u != nil {
		record["userIdentity"] = map[string]any{"type": aws.ToString(u.Type), "principalId": aws.ToString(u.PrincipalId)}
	}
	return record, nil
}

func attributes(item map[string]types.AttributeValue) (map[string]any, error) {
	out := make(map[string]any, len(item))
	for name, value := range item {
		v, err := attribute(value)
		if err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}

// attribute gives a value in DynamoDB's JSON, {"S":"…"}.
func attribute(value types.AttributeValue) (map[string]any, error) {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": v.Value}, nil
	case *types.AttributeValueMemberN:
		return map[string]any{"N": v.Value}, nil
	case *types.AttributeValueMemberB:
		return map[string]any{"B": base64.StdEncoding.EncodeToString(v.Value)}, nil
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": v.Value}, nil
	case *types.AttributeValueMemberNULL:
		return map[string]any{"NULL": v.Value}, nil
	case *types.AttributeValueMemberM:
		members, err := attributes(v.Value)
		return map[string]any{"M": members}, err
	case *types.AttributeValueMemberL:
		return list(v.Value)
	case *types.AttributeValueMemberSS:
		return map[string]any{"SS": anys(v.Value, func(s string) string { return s })}, nil
	case *types.AttributeValueMemberNS:
		return map[string]any{"NS": anys(v.Value, func(s string) string { return s })}, nil
	case *types.AttributeValueMemberBS:
		return map[string]any{"BS": anys(v.Value, base64.StdEncoding.EncodeToString)}, nil
	default:
		return nil, fmt.Errorf("poller: a value of type %T is not known", value)
	}
}

func list(values []types.AttributeValue) (map[string]any, error) {
	elements := make([]any, len(values))
	for i, value := range values {
		v, err := attribute(value)
		if err != nil {
			return nil, err
		}
		elements[i] = v
	}
	return map[string]any{"L": elements}, nil
}

func anys[T any](values []T, text func(T) string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = text(v)
	}
	return out
}

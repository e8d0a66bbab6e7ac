package dynoxide

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// SweepAPI is the part of DynamoDB that finds and deletes expired items; *dynamodb.Client is one.
type SweepAPI interface {
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
}

// Sweep deletes the items of a table whose TTL lies before now and says how many: what DynamoDB does by itself within a
// few days, and no local engine does. It reads the whole table, so call it rarely.
func Sweep(ctx context.Context, client SweepAPI, spec TableSpec, now time.Time) (int, error) {
	if spec.TTL == "" {
		return 0, nil
	}
	names := map[string]string{"#ttl": spec.TTL, "#pk": spec.Partition.Name}
	projection := "#pk"
	if spec.Sort.Name != "" {
		names["#sk"] = spec.Sort.Name
		projection += ", #sk"
	}
	limit := map[string]types.AttributeValue{":now": &types.AttributeValueMemberN{Value: strconv.FormatInt(now.Unix(), 10)}}
	swept := 0
	var from map[string]types.AttributeValue
	for {
		page, err := client.Scan(ctx, &dynamodb.ScanInput{
			TableName: &spec.Name, FilterExpression: aws.String("#ttl < :now"), ProjectionExpression: &projection,
			ExpressionAttributeNames: names, ExpressionAttributeValues: limit, ExclusiveStartKey: from,
		})
		if err != nil {
			return swept, fmt.Errorf("dynoxide.Sweep: %s: %w", spec.Name, err)
		}
		for _, key := range page.Items {
			// Only if it is still expired: somebody may have prolonged it since the scan.
			_, err := client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
				TableName: &spec.Name, Key: key, ConditionExpression: aws.String("#ttl < :now"),
				ExpressionAttributeNames: map[string]string{"#ttl": spec.TTL}, ExpressionAttributeValues: limit,
			})
			var prolonged *types.ConditionalCheckFailedException
			if errors.As(err, &prolonged) {
				continue
			}
			if err != nil {
				return swept, fmt.Errorf("dynoxide.Sweep: %s: %w", spec.Name, err)
			}
			swept++
		}
		if from = page.LastEvaluatedKey; len(from) == 0 {
			return swept, nil
		}
	}
}

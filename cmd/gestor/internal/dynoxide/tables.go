package dynoxide

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// tablePause is between two looks at a table that is being made; Dynoxide makes it at once, other engines may not.
const tablePause = 20 * time.Millisecond

// Key is a key attribute: its name and its type S, N or B. The zero Key is none.
type Key struct{ Name, Type string }

// Index is a global secondary index. Projection is ALL, KEYS_ONLY or INCLUDE; Include lists what INCLUDE projects.
type Index struct {
	Name       string
	Partition  Key
	Sort       Key
	Projection string
	Include    []string
}

// TableSpec is a table as the template declares it. Stream is a view type such as NEW_IMAGE, empty for no stream; TTL the
// attribute that carries the expiry, empty for none.
type TableSpec struct {
	Name      string
	Partition Key
	Sort      Key
	Indexes   []Index
	Stream    string
	TTL       string
}

// TableAPI is the part of DynamoDB that makes tables; *dynamodb.Client is one.
type TableAPI interface {
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	DescribeTimeToLive(context.Context, *dynamodb.DescribeTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTimeToLiveOutput, error)
	UpdateTimeToLive(context.Context, *dynamodb.UpdateTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateTimeToLiveOutput, error)
}

// EnsureTables makes the tables that are missing and gives the ARN of each table's stream by the table's name. A table
// that is there with other keys, indexes or stream is an error: data of an older layout is not changed under its owner.
func EnsureTables(ctx context.Context, client TableAPI, specs []TableSpec) (map[string]string, error) {
	streams := map[string]string{}
	for _, spec := range specs {
		table, err := ensure(ctx, client, spec)
		if err != nil {
			return nil, fmt.Errorf("dynoxide.EnsureTables: %s: %w", spec.Name, err)
		}
		if spec.Stream != "" {
			streams[spec.Name] = aws.ToString(table.LatestStreamArn)
		}
	}
	return streams, nil
}

func ensure(ctx context.Context, client TableAPI, spec TableSpec) (*types.TableDescription, error) {
	table, err := describe(ctx, client, spec.Name)
	if err != nil {
		return nil, err
	}
	if table == nil {
		// Two callers at once are fine: the second finds the table made.
		var exists *types.ResourceInUseException
		if _, err := client.CreateTable(ctx, creation(spec)); err != nil && !errors.As(err, &exists) {
			return nil, err
		}
	}
	for table == nil || table.TableStatus != types.TableStatusActive {
		if table, err = describe(ctx, client, spec.Name); err != nil {
			return nil, err
		}
		if table != nil && table.TableStatus == types.TableStatusActive {
			break
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(tablePause):
		}
	}
	if what := difference(spec, table); what != "" {
		return nil, fmt.Errorf("exists with another %s; its data is of an older layout, move the data directory away", what)
	}
	return table, ensureTTL(ctx, client, spec)
}

// describe gives the table, nil when there is none.
func describe(ctx context.Context, client TableAPI, name string) (*types.TableDescription, error) {
	out, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		return nil, nil //nolint:nilnil // no table is an answer
	}
	if err != nil {
		return nil, err
	}
	return out.Table, nil
}

func ensureTTL(ctx context.Context, client TableAPI, spec TableSpec) error {
	if spec.TTL == "" {
		return nil
	}
	out, err := client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &spec.Name})
	if err != nil {
		return err
	}
	if d := out.TimeToLiveDescription; d != nil && aws.ToString(d.AttributeName) == spec.TTL &&
		(d.TimeToLiveStatus == types.TimeToLiveStatusEnabled || d.TimeToLiveStatus == types.TimeToLiveStatusEnabling) {
		return nil
	}
	_, err = client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName:               &spec.Name,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &spec.TTL, Enabled: aws.Bool(true)},
	})
	return err
}

func creation(spec TableSpec) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName:   &spec.Name,
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   schema(spec.Partition, spec.Sort),
	}
	keys := map[string]string{}
	add := func(list ...Key) {
		for _, k := range list {
			if _, known := keys[k.Name]; k.Name != "" && !known {
				keys[k.Name] = k.Type
				in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{
					AttributeName: aws.String(k.Name), AttributeType: types.ScalarAttributeType(k.Type),
				})
			}
		}
	}
	add(spec.Partition, spec.Sort)
	for _, index := range spec.Indexes {
		add(index.Partition, index.Sort)
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: aws.String(index.Name), KeySchema: schema(index.Partition, index.Sort),
			Projection: &types.Projection{ProjectionType: types.ProjectionType(index.Projection), NonKeyAttributes: index.Include},
		})
	}
	if spec.Stream != "" {
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewType(spec.Stream)}
	}
	return in
}

func schema(partition, sort Key) []types.KeySchemaElement {
	keys := []types.KeySchemaElement{{AttributeName: aws.String(partition.Name), KeyType: types.KeyTypeHash}}
	if sort.Name != "" {
		keys = append(keys, types.KeySchemaElement{AttributeName: aws.String(sort.Name), KeyType: types.KeyTypeRange})
	}
	return keys
}

// difference names the first part in which the table is not what spec says; empty when it is.
func difference(spec TableSpec, table *types.TableDescription) string {
	if !sameKeys(table.KeySchema, spec.Partition, spec.Sort) {
		return "key"
	}
	stream := ""
	if s := table.StreamSpecification; s != nil && aws.ToBool(s.StreamEnabled) {
		stream = string(s.StreamViewType)
	}
	if stream != spec.Stream {
		return "stream"
	}
	if len(table.GlobalSecondaryIndexes) != len(spec.Indexes) {
		return "set of indexes"
	}
	for _, index := range spec.Indexes {
		at := slices.IndexFunc(table.GlobalSecondaryIndexes, func(g types.GlobalSecondaryIndexDescription) bool {
			return aws.ToString(g.IndexName) == index.Name
		})
		if at < 0 || !sameIndex(table.GlobalSecondaryIndexes[at], index) {
			return "index " + index.Name
		}
	}
	return ""
}

func sameIndex(have types.GlobalSecondaryIndexDescription, want Index) bool {
	if !sameKeys(have.KeySchema, want.Partition, want.Sort) || have.Projection == nil || string(have.Projection.ProjectionType) != want.Projection {
		return false
	}
	projected, include := slices.Clone(have.Projection.NonKeyAttributes), slices.Clone(want.Include)
	slices.Sort(projected)
	slices.Sort(include)
	return slices.Equal(projected, include)
}

func sameKeys(have []types.KeySchemaElement, partition, sort Key) bool {
	return slices.EqualFunc(have, schema(partition, sort), func(a, b types.KeySchemaElement) bool {
		return aws.ToString(a.AttributeName) == aws.ToString(b.AttributeName) && a.KeyType == b.KeyType
	})
}

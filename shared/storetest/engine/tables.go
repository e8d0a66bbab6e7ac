package engine

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// index is a global index and what it carries besides its keys and those of the table.
type index struct {
	name, pk, sk string
	carries      []string
}

// Tables makes a work table and a bitácora as infra declares them, for one test alone, and takes them away at its end.
func (e *Engine) Tables(t testing.TB) (work, bitacora string) {
	t.Helper()
	work, bitacora = uniqueName("work"), uniqueName("bitacora")
	e.create(t, work,
		index{"GSI1", "GSI1PK", "GSI1SK", []string{"row", "v", "ttl"}},
		index{"GSI2", "GSI2PK", "GSI2SK", []string{"row", "v", "ttl"}})
	e.create(t, bitacora, index{"day", "DAYPK", "DAYSK", []string{"ticket", "version", "at"}})
	return work, bitacora
}

func (e *Engine) create(t testing.TB, name string, indexes ...index) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	in := &dynamodb.CreateTableInput{
		TableName: aws.String(name), BillingMode: types.BillingModePayPerRequest,
		KeySchema: keys("PK", "SK"), AttributeDefinitions: texts("PK", "SK"),
	}
	for _, i := range indexes {
		in.AttributeDefinitions = append(in.AttributeDefinitions, texts(i.pk, i.sk)...)
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: aws.String(i.name), KeySchema: keys(i.pk, i.sk),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: i.carries},
		})
	}
	if _, err := e.Client.CreateTable(ctx, in); err != nil {
		t.Fatalf("create table: %v", err)
	}
	wait := dynamodb.NewTableExistsWaiter(e.Client, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 10*time.Millisecond, 200*time.Millisecond
	})
	if err := wait.Wait(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(name)}, time.Minute); err != nil {
		t.Fatalf("table is not ready: %v", err)
	}
	t.Cleanup(func() {
		if _, err := e.Client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(name)}); err != nil {
			t.Logf("delete table: %v", err)
		}
	})
}

func keys(pk, sk string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: aws.String(pk), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String(sk), KeyType: types.KeyTypeRange},
	}
}

func texts(names ...string) []types.AttributeDefinition {
	out := make([]types.AttributeDefinition, len(names))
	for i, name := range names {
		out[i] = types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS}
	}
	return out
}

package dynamo_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/storetest/engine"
	"sence.gob.cl/gestor/shared/ticket"
)

// What was put into quarantine can be taken out of its item by hand, byte for byte (docs/runbook.md does so).
func TestOpen(t *testing.T) {
	e := engine.Start(t)
	work, bitacora := e.Tables(t)
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	store := dynamo.New(dynamo.Config{Client: e.Client, Table: work, Bitacora: bitacora, Clock: func() time.Time { return now }})
	const body = "{\"object\":\"page\", \"raro\":true}\r\n"
	kept := ticket.Quarantined{ID: "0123456789abcdef0123456789abcdef", Network: mention.Facebook, Reason: "raro", At: now, Size: len(body), Raw: []byte(body)}
	if err := store.Commit(t.Context(), ticket.Change{Quarantine: &kept}); err != nil {
		t.Fatal(err)
	}
	out, err := e.Client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &work, Key: map[string]types.AttributeValue{
		"PK": &types.AttributeValueMemberS{Value: "X#" + kept.ID}, "SK": &types.AttributeValueMemberS{Value: "X"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	raw, binary := out.Item["raw"].(*types.AttributeValueMemberB)
	if !binary {
		t.Fatalf("raw is %T", out.Item["raw"])
	}
	if got, err := dynamo.Open(raw.Value); err != nil || string(got) != body {
		t.Errorf("opened %q, %v", got, err)
	}
	if _, err := dynamo.Open([]byte("otra cosa")); err == nil {
		t.Error("what nobody packed was opened")
	}
}

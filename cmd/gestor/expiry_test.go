package main_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"sence.gob.cl/gestor/shared/storetest/engine"
)

// stored gives the sort keys of a case in the work table, expired or not: what is there is there.
func stored(t *testing.T, e *engine.Engine, id string) []string {
	t.Helper()
	out, err := e.Client.Query(t.Context(), &dynamodb.QueryInput{
		TableName: aws.String("WorkTable"), ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("PK = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: "T#" + id}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, item := range out.Items {
		if sk, ok := item["SK"].(*types.AttributeValueMemberS); ok {
			keys = append(keys, sk.Value)
		}
	}
	return keys
}

// Half a year after its end a case is gone for the people and, with the next sweep, out of the table; the open one beside it
// stays, and the person who writes again has a new case.
func TestExpiry(t *testing.T) {
	e := engine.Start(t)
	w := start(t, engine.Variable+"="+e.Endpoint)
	mention := w.write("comment", "Persona Ficticia Rojas", "¿Puedo postular al subsidio estando contratada a honorarios?")
	other := w.write("comment", "Persona Ficticia Soto", "¿Cuándo abren las postulaciones?")
	open := w.find("ejecutivo1", other)
	c := w.must("ejecutivo1", w.find("ejecutivo1", mention), "claim", nil)
	c = w.must("ejecutivo1", c, "reply", map[string]any{"visibility": "public", "text": "Hola. Necesitas contrato indefinido."})
	w.until("the reply", func() bool { return w.get("ejecutivo1", c.ID).State == "respondido" })
	c = w.insist("ejecutivo1", c.ID, "close", nil)

	move := func(days int) {
		at := time.Now().AddDate(0, 0, days).UTC().Format(time.RFC3339)
		if status := w.ask("POST", w.base+"/local/tick", map[string]string{"at": at}, nil); status != 200 {
			t.Fatalf("tick: %d", status)
		}
		w.tokens = map[string]string{} // the old ones have expired too
	}
	move(179)
	if got := w.get("ejecutivo1", c.ID).State; got != "cerrado" || len(stored(t, e, c.ID)) < 3 {
		t.Errorf("too early: %s, stored %v", got, stored(t, e, c.ID))
	}
	move(181)
	if status := w.ask("GET", w.base+"/api/v1/tickets/"+c.ID, nil, nil, w.as("ejecutivo1")...); status != 404 {
		t.Errorf("the expired case: %d", status)
	}
	if rows := w.list("ejecutivo1", "q="+c.Number); len(rows) != 0 {
		t.Errorf("found by its number: %+v", rows)
	}
	w.until("the sweep", func() bool { return len(stored(t, e, c.ID)) == 0 })
	if got := w.get("ejecutivo1", open.ID); got.MentionCount != 1 || len(stored(t, e, open.ID)) < 2 {
		t.Errorf("the open case: %d mentions, stored %v", got.MentionCount, stored(t, e, open.ID))
	}
	again := w.write("comment", "Persona Ficticia Rojas", "¿Sigue abierto el subsidio?")
	if got := w.find("ejecutivo1", again); got.ID == c.ID || got.State != "ingresado" {
		t.Errorf("written again: %s %s", got.ID, got.State)
	}
}

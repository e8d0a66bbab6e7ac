package main_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"sence.gob.cl/gestor/shared/audit"
)

// A restored table holds work that was perhaps carried out after the instant it shows. Marked as claimed, as the runbook
// marks it ("Restore the tables", step 2), none of it is said again: a reply is read back and ends with a person, a filing
// is looked up first and ends with one folio.
func TestRescue_MarkedWorkIsNotRepeated(t *testing.T) {
	c := count(t)
	answered := c.arrive(1, "Pregunta", "¿Hasta cuándo puedo postular al curso de mi comuna?")[0]
	c.quiet()
	seen := c.must("ejecutivo1", c.get("ejecutivo1", answered), "claim", nil)
	c.must("ejecutivo1", seen, "reply", map[string]any{"visibility": "public", "text": "Hola. Puedes hasta el viernes.", "undoSeconds": 30})
	if c.mark() != 1 {
		t.Fatal("the reply was not waiting")
	}
	if status := c.ask("POST", c.base+"/local/tick", map[string]string{"at": nowPlus(c.whole, 40)}, nil); status != 200 {
		t.Fatalf("tick: %d", status)
	}
	c.until("the reply to be in doubt", func() bool { return c.get("ejecutivo1", answered).Replies[0].State == "unknown" })
	for _, seconds := range []int{100, 400, 500} {
		if status := c.ask("POST", c.base+"/local/tick", map[string]string{"at": nowPlus(c.whole, seconds)}, nil); status != 200 {
			t.Fatalf("tick: %d", status)
		}
	}
	c.until("a person to be asked", func() bool { return c.matters("reply_unknown", answered) })
	if said := c.said(); len(said) != 0 {
		t.Errorf("said %q", said)
	}
}

func TestRescue_MarkedFilingsHaveOneFolio(t *testing.T) {
	c := countWith(t, "GESTOR_ESCALATE_UNDO=30s")
	id := c.arrive(1, "Reclamo", "Llevo tres meses esperando el pago del subsidio y nadie responde, exijo una solución")[0]
	if c.mark() != 1 {
		t.Fatal("the filing was not waiting")
	}
	for _, seconds := range []int{40, 60, 120} {
		if status := c.ask("POST", c.base+"/local/tick", map[string]string{"at": nowPlus(c.whole, seconds)}, nil); status != 200 {
			t.Fatalf("tick: %d", status)
		}
	}
	c.until("the folio", func() bool { return c.get("ejecutivo1", id).SIAC.State == "filed" })
	if folios := c.folios()[c.get("ejecutivo1", id).Number]; len(folios) != 1 {
		t.Errorf("folios %q", folios)
	}
	if !c.sought(id) {
		t.Error("it was posted without being looked for")
	}
}

// mark does what the runbook's commands do, and gives how much was waiting.
func (c *counter) mark() int {
	c.t.Helper()
	marked := 0
	for _, family := range []string{"O#", "H#"} {
		for shard := range strings.SplitSeq("0 1 2 3 4 5 6 7 8 9 a b c d e f", " ") {
			table, index, condition := "WorkTable", "GSI1", "GSI1PK = :p"
			out, err := c.engine.Client.Query(c.t.(*testing.T).Context(), &dynamodb.QueryInput{
				TableName: &table, IndexName: &index, KeyConditionExpression: &condition,
				ExpressionAttributeValues: map[string]types.AttributeValue{":p": &types.AttributeValueMemberS{Value: family + shard}},
			})
			if err != nil {
				c.t.Fatal(err)
			}
			for _, item := range out.Items {
				set := "SET claimed = if_not_exists(claimed, :t), claimer = if_not_exists(claimer, :w)"
				_, err := c.engine.Client.UpdateItem(c.t.(*testing.T).Context(), &dynamodb.UpdateItemInput{
					TableName: &table, Key: map[string]types.AttributeValue{"PK": item["PK"], "SK": item["SK"]}, UpdateExpression: &set,
					ExpressionAttributeValues: map[string]types.AttributeValue{
						":t": &types.AttributeValueMemberS{Value: "2026-11-23T15:04:05.000Z"}, ":w": &types.AttributeValueMemberS{Value: "rescate"},
					},
				})
				if err != nil {
					c.t.Fatal(err)
				}
				marked++
			}
		}
	}
	return marked
}

// matters reports whether a matter of a kind waits for a person.
func (c *counter) matters(kind, id string) bool {
	var page struct {
		Items []struct{ Ticket, Kind string }
	}
	c.ask("GET", c.base+"/api/v1/attention", nil, &page, c.as("supervisor")...)
	for _, m := range page.Items {
		if m.Kind == kind && m.Ticket == id {
			return true
		}
	}
	return false
}

// sought reports whether the case was ever in doubt, which is what makes escalate look before it posts.
func (c *counter) sought(id string) bool {
	for _, e := range c.get("supervisor", id).Events {
		if e.Kind == string(audit.EscalationUnknown) {
			return true
		}
	}
	return false
}

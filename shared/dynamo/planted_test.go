package dynamo_test

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/storetest"
	"sence.gob.cl/gestor/shared/storetest/engine"
	"sence.gob.cl/gestor/shared/ticket"
)

// plantVariable names the broken store that TestPlantedStore runs the contract on; only its parent sets it.
const plantVariable = "GESTOR_TEST_PLANT"

// broken is the real store with one promise taken away.
type broken struct {
	storetest.Store
	plant string
}

func (b broken) Commit(ctx context.Context, c ticket.Change) error {
	switch b.plant {
	case "forgets what it has seen":
		c.Seen, c.SeenWas = nil, nil
	case "takes every claim":
		if c.Claim != nil {
			return nil
		}
	case "forgets clicks":
		c.Click = nil
	case "writes no consequences":
		c.Send = nil
	case "forgets what it waits for":
		if c.Seen != nil {
			seen := *c.Seen
			seen.Awaited = nil
			c.Seen = &seen
		}
	case "knows people by one name":
		if c.Ticket != nil {
			t := *c.Ticket
			t.Aliases, c.Ticket, c.Names, c.Over = nil, &t, nil, ""
		}
	case "lets everybody renew keys":
		if c.Grant != nil {
			_ = b.Store.Commit(ctx, c)
			return nil
		}
	}
	return b.Store.Commit(ctx, c)
}

func (b broken) List(ctx context.Context, q ticket.Query) ([]ticket.Row, string, error) {
	rows, next, err := b.Store.List(ctx, q)
	if b.plant == "serves the last first" {
		slices.Reverse(rows)
	}
	return rows, next, err
}

// forgetful writes whole steps without the expiry of their items.
type forgetful struct{ dynamo.API }

func (f forgetful) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	for _, i := range in.TransactItems {
		if i.Put != nil {
			delete(i.Put.Item, "ttl")
		}
	}
	return f.API.TransactWriteItems(ctx, in, opts...)
}

// wasteful keeps the last cost of a day instead of the sum.
type wasteful struct{ dynamo.API }

func (f wasteful) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if set, sums, is := strings.Cut(*in.UpdateExpression, " ADD "); is {
		set += ", " + strings.ReplaceAll(sums, " :", " = :")
		in.UpdateExpression = &set
	}
	return f.API.UpdateItem(ctx, in, opts...)
}

// unmarked writes items without the mark of their step.
type unmarked struct{ dynamo.API }

func (f unmarked) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	for _, i := range in.TransactItems {
		if i.Put != nil {
			delete(i.Put.Item, "token")
		}
	}
	in.ClientRequestToken = nil
	return f.API.TransactWriteItems(ctx, in, opts...)
}

// A contract that a broken store passes proves nothing: each plant must fail the part that is about its promise.
func TestContract_CatchesBrokenStores(t *testing.T) {
	plants := map[string]string{
		"forgets what it has seen": "an item is seen once",
		"takes every claim":        "one of many workers claims",
		"forgets clicks":           "a click is answered once",
		"writes no consequences":   "what is due comes in order and whole",
		"serves the last first":    "the queue is first in, first out inside each class",
		"forgets expiries":         "an ended case expires with all that hangs on it",
		"shows what has expired":   "an ended case expires with all that hangs on it",

		"forgets what it waits for":  "an item may be awaited",
		"knows people by one name":   "all names of a person lead to one case",
		"lets everybody renew keys":  "keys are renewed by one",
		"keeps the last cost only":   "costs are added up",
		"does not know its own step": "a step with a channel is whole or not at all",
		"keeps connections for ever": "a connection has its time",
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for plant, part := range plants {
		t.Run(plant, func(t *testing.T) {
			t.Parallel()
			child := exec.CommandContext(t.Context(), self, "-test.run=^TestPlantedStore$/^"+strings.ReplaceAll(part, " ", "_")+"$")
			child.Env = append(os.Environ(), plantVariable+"="+plant)
			out, err := child.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "--- FAIL: TestPlantedStore/"+strings.ReplaceAll(part, " ", "_")) {
				t.Errorf("a store that %s passes %q: %v\n%s", plant, part, err, out)
			}
		})
	}
}

// TestPlantedStore is the child of TestContract_CatchesBrokenStores: by itself there is nothing to plant and it does nothing.
func TestPlantedStore(t *testing.T) {
	plant := os.Getenv(plantVariable)
	if plant == "" {
		return
	}
	e := engine.Start(t)
	storetest.Run(t, func(t *testing.T, clock func() time.Time) storetest.Store {
		work, bitacora := e.Tables(t)
		client := dynamo.API(e.Client)
		switch plant {
		case "forgets expiries":
			client = forgetful{client}
		case "keeps the last cost only":
			client = wasteful{client}
		case "does not know its own step":
			client = unmarked{client}
		case "shows what has expired", "keeps connections for ever":
			began := clock()
			clock = func() time.Time { return began }
		}
		store := dynamo.New(dynamo.Config{Client: client, Table: work, Bitacora: bitacora, Clock: clock, Page: 7})
		return broken{Store: store, plant: plant}
	})
}

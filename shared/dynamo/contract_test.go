package dynamo_test

import (
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/storetest"
	"sence.gob.cl/gestor/shared/storetest/engine"
)

// TestContract runs the contract of a store on a local DynamoDB. Pages of changes are small here, so that going on from
// one to the next is tried too.
func TestContract(t *testing.T) {
	e := engine.Start(t)
	storetest.Run(t, func(t *testing.T, clock func() time.Time) storetest.Store {
		work, bitacora := e.Tables(t)
		return dynamo.New(dynamo.Config{Client: e.Client, Table: work, Bitacora: bitacora, Clock: clock, Page: 7})
	})
}

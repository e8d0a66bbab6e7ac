package escalate_test

import (
	"flag"
	"os"
	"testing"
)

// Every program of a property talks to a database, so a run draws fewer of them than usual, and other ones each time;
// -rapid.checks asks for more.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "40"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

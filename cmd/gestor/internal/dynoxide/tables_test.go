package dynoxide

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func containsAll(s string, parts ...string) bool {
	for _, p := range parts {
		if !strings.Contains(s, p) {
			return false
		}
	}
	return true
}

func TestEnsureTables(t *testing.T) {
	db, _ := clients(open(t, t.TempDir()))
	bitacora := TableSpec{
		Name: "BitacoraTable", Partition: Key{"PK", "S"}, Sort: Key{"SK", "S"},
		Indexes: []Index{{Name: "day", Partition: Key{"DAYPK", "S"}, Sort: Key{"DAYSK", "S"}, Projection: "INCLUDE", Include: []string{"ticket", "version", "at"}}},
	}
	specs := []TableSpec{work(), bitacora}
	var wg sync.WaitGroup
	for range 3 { // at once and again: all find the same tables
		wg.Go(func() {
			streams, err := EnsureTables(t.Context(), db, specs)
			if err != nil {
				t.Error(err)
			}
			if len(streams) != 1 || !strings.Contains(streams["WorkTable"], ":table/WorkTable/stream/") {
				t.Errorf("streams %v", streams)
			}
		})
	}
	wg.Wait()

	out, err := db.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("WorkTable")})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Table.GlobalSecondaryIndexes) != 2 || out.Table.StreamSpecification.StreamViewType != types.StreamViewTypeNewImage {
		t.Errorf("table %+v", out.Table)
	}
	ttl, err := db.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: aws.String("WorkTable")})
	if err != nil || ttl.TimeToLiveDescription.TimeToLiveStatus != types.TimeToLiveStatusEnabled || aws.ToString(ttl.TimeToLiveDescription.AttributeName) != "ttl" {
		t.Errorf("ttl %+v, %v", ttl, err)
	}

	for name, change := range map[string]func(*TableSpec){
		"key":                func(s *TableSpec) { s.Sort = Key{} },
		"stream":             func(s *TableSpec) { s.Stream = "" },
		"view":               func(s *TableSpec) { s.Stream = "NEW_AND_OLD_IMAGES" },
		"fewer indexes":      func(s *TableSpec) { s.Indexes = s.Indexes[:1] },
		"index name":         func(s *TableSpec) { s.Indexes[0].Name = "GSI9" },
		"index key":          func(s *TableSpec) { s.Indexes[0].Sort = Key{"v", "N"} },
		"projection":         func(s *TableSpec) { s.Indexes[1].Projection, s.Indexes[1].Include = "ALL", nil },
		"projected names":    func(s *TableSpec) { s.Indexes[1].Include = []string{"row"} },
		"more indexes":       func(s *TableSpec) { s.Indexes = append(s.Indexes, s.Indexes[0]) },
		"another index less": func(s *TableSpec) { s.Indexes = nil },
	} {
		t.Run(name, func(t *testing.T) {
			spec := work()
			change(&spec)
			if _, err := EnsureTables(t.Context(), db, []TableSpec{spec}); err == nil || !strings.Contains(err.Error(), "WorkTable") {
				t.Errorf("a table of another layout: %v", err)
			}
		})
	}
}

func TestSweep(t *testing.T) {
	db, _ := clients(open(t, t.TempDir()))
	spec := work()
	if _, err := EnsureTables(t.Context(), db, []TableSpec{spec}); err != nil {
		t.Fatal(err)
	}
	number := func(n string) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{"ttl": &types.AttributeValueMemberN{Value: n}}
	}
	put(t, db, "past", number("1000"))
	put(t, db, "now", number("2000"))
	put(t, db, "future", number("3000"))
	put(t, db, "never", nil)
	for round, want := range []int{1, 0} {
		got, err := Sweep(t.Context(), db, spec, time.Unix(2000, 0))
		if err != nil || got != want {
			t.Errorf("round %d: %d swept, %v; want %d", round, got, err, want)
		}
	}
	left, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("WorkTable")})
	if err != nil || left.Count != 3 {
		t.Errorf("%d items left, %v; want 3", left.Count, err)
	}
	spec.TTL = ""
	if got, err := Sweep(t.Context(), db, spec, time.Unix(9000, 0)); got != 0 || err != nil {
		t.Errorf("a table without expiry: %d, %v", got, err)
	}
}

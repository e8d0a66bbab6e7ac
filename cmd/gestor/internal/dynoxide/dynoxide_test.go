package dynoxide

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/google/go-cmp/cmp"
)

// installed finds Dynoxide; a test that needs it says so where it is missing.
func installed(t *testing.T) string {
	t.Helper()
	path := BinaryIn(filepath.Join("..", "..", "..", ".."))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("SKIPPED %s: %s is not installed (npm ci --prefix web)", t.Name(), path)
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return absolute
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func open(t *testing.T, dir string) *Engine {
	t.Helper()
	e, err := Start(t.Context(), Config{Binary: installed(t), Dir: dir, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		if err := e.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return e
}

func clients(e *Engine) (*dynamodb.Client, *dynamodbstreams.Client) {
	login := credentials.NewStaticCredentialsProvider("local", "local", "")
	return dynamodb.New(dynamodb.Options{Region: "us-east-1", BaseEndpoint: aws.String(e.Endpoint()), Credentials: login}),
		dynamodbstreams.New(dynamodbstreams.Options{Region: "us-east-1", BaseEndpoint: aws.String(e.Endpoint()), Credentials: login})
}

func work() TableSpec {
	text := func(name string) Key { return Key{Name: name, Type: "S"} }
	return TableSpec{
		Name: "WorkTable", Partition: text("PK"), Sort: text("SK"), Stream: "NEW_IMAGE", TTL: "ttl",
		Indexes: []Index{
			{Name: "GSI1", Partition: text("GSI1PK"), Sort: text("GSI1SK"), Projection: "INCLUDE", Include: []string{"row", "v", "ttl"}},
			{Name: "GSI2", Partition: text("GSI2PK"), Sort: text("GSI2SK"), Projection: "INCLUDE", Include: []string{"row", "v", "ttl"}},
		},
	}
}

func put(t *testing.T, db *dynamodb.Client, pk string, more map[string]types.AttributeValue) {
	t.Helper()
	item := map[string]types.AttributeValue{"PK": &types.AttributeValueMemberS{Value: pk}, "SK": &types.AttributeValueMemberS{Value: "O#1"}}
	for name, value := range more {
		item[name] = value
	}
	if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("WorkTable"), Item: item}); err != nil {
		t.Fatal(err)
	}
}

// read gives the sequence numbers behind after, and the iterator for what follows.
func read(t *testing.T, streams *dynamodbstreams.Client, arn, after string) ([]string, *string) {
	t.Helper()
	d, err := streams.DescribeStream(t.Context(), &dynamodbstreams.DescribeStreamInput{StreamArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(d.StreamDescription.Shards); n != 1 {
		t.Fatalf("%d shards, want 1", n)
	}
	in := &dynamodbstreams.GetShardIteratorInput{StreamArn: &arn, ShardId: d.StreamDescription.Shards[0].ShardId, ShardIteratorType: streamtypes.ShardIteratorTypeTrimHorizon}
	if after != "" {
		in.ShardIteratorType, in.SequenceNumber = streamtypes.ShardIteratorTypeAfterSequenceNumber, &after
	}
	it, err := streams.GetShardIterator(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return page(t, streams, it.ShardIterator)
}

func page(t *testing.T, streams *dynamodbstreams.Client, iterator *string) ([]string, *string) {
	t.Helper()
	out, err := streams.GetRecords(t.Context(), &dynamodbstreams.GetRecordsInput{ShardIterator: iterator})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range out.Records {
		got = append(got, *r.Dynamodb.SequenceNumber)
	}
	return got, out.NextShardIterator
}

func TestEngine_keepsDataAndStreamOverKill(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made")
	first := open(t, dir)
	db, streams := clients(first)
	arns, err := EnsureTables(t.Context(), db, []TableSpec{work()})
	if err != nil {
		t.Fatal(err)
	}
	arn := arns["WorkTable"]
	put(t, db, "T#1", nil)
	put(t, db, "T#2", nil)
	got, iterator := read(t, streams, arn, "")
	if diff := cmp.Diff([]string{"1", "2"}, got); diff != "" {
		t.Error(diff)
	}
	if err := syscall.Kill(first.process.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-first.Done()
	if err := first.Err(); err == nil {
		t.Error("Err of a killed engine is nil")
	}

	second := open(t, dir)
	db, streams = clients(second)
	again, err := EnsureTables(t.Context(), db, []TableSpec{work()})
	if err != nil {
		t.Fatal(err)
	}
	if again["WorkTable"] != arn {
		t.Errorf("stream %s after the restart, %s before", again["WorkTable"], arn)
	}
	item, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("WorkTable"), Key: map[string]types.AttributeValue{
		"PK": &types.AttributeValueMemberS{Value: "T#1"}, "SK": &types.AttributeValueMemberS{Value: "O#1"},
	}})
	if err != nil || len(item.Item) != 2 {
		t.Errorf("item after the restart: %v, %v", item, err)
	}
	put(t, db, "T#3", nil)
	for name, from := range map[string]string{"all": "", "behind the last": "2"} {
		want := map[string][]string{"": {"1", "2", "3"}, "2": {"3"}}[from]
		if got, _ := read(t, streams, arn, from); cmp.Diff(want, got) != "" {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if got, _ := page(t, streams, iterator); cmp.Diff([]string{"3"}, got) != "" {
		t.Errorf("the old iterator gives %v, want 3", got)
	}
}

// Without the seed Dynoxide would keep every record; with one that keeps nothing, a few go with each write, and the
// numbers go on all the same.
func TestSeed_trims(t *testing.T) {
	dir := t.TempDir()
	if err := plant(filepath.Join(dir, fileName), -time.Minute); err != nil {
		t.Fatal(err)
	}
	db, streams := clients(open(t, dir))
	arns, err := EnsureTables(t.Context(), db, []TableSpec{work()})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		put(t, db, "T#"+strconv.Itoa(i), nil)
	}
	if got, _ := read(t, streams, arns["WorkTable"], ""); cmp.Diff([]string{"30"}, got) != "" {
		t.Errorf("records %v are left, want only the newest", got)
	}
}

func TestSeed_keepsADayAndReadsThroughItsIndex(t *testing.T) {
	db, streams := clients(open(t, t.TempDir()))
	arns, err := EnsureTables(t.Context(), db, []TableSpec{work()})
	if err != nil {
		t.Fatal(err)
	}
	const writes = 120 // past 99, where numbers stop sorting as text
	for i := range writes {
		put(t, db, "T#"+strconv.Itoa(i), nil)
	}
	all, _ := read(t, streams, arns["WorkTable"], "")
	if len(all) != writes || all[0] != "1" || all[writes-1] != strconv.Itoa(writes) {
		t.Errorf("%d records from %s on, want %d from 1 on", len(all), all[0], writes)
	}
	if rest, _ := read(t, streams, arns["WorkTable"], "99"); len(rest) != writes-99 || rest[0] != "100" {
		t.Errorf("behind 99: %v", rest)
	}
}

func TestPlant_leavesADatabaseAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), fileName)
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := plant(path, streamRetention); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "mine" {
		t.Errorf("content %q, %v", content, err)
	}
}

func TestVarint(t *testing.T) {
	for n, want := range map[int][]byte{0: {0}, 127: {0x7f}, 128: {0x81, 0}, 300: {0x82, 0x2c}, 16384: {0x81, 0x80, 0}} {
		if diff := cmp.Diff(want, varint(n)); diff != "" {
			t.Errorf("%d: %s", n, diff)
		}
	}
}

func TestStart_failures(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho cannot bind; exit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), Config{Binary: script, Dir: dir, Log: quiet()}); err == nil || !containsAll(err.Error(), "cannot bind", "exit status 3") {
		t.Errorf("a binary that ends: %v", err)
	}
	if _, err := Start(t.Context(), Config{Binary: filepath.Join(dir, "none"), Dir: dir, Log: quiet()}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing binary: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := os.WriteFile(script, []byte("#!/bin/sh\nsleep 300\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(ctx, Config{Binary: script, Dir: dir, Log: quiet()}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a binary that never answers: %v", err)
	}
}

func TestTail_keepsTheEnd(t *testing.T) {
	said := &tail{}
	for i := range 1000 {
		if _, err := fmt.Fprintf(said, "line %d\n", i); err != nil {
			t.Fatal(err)
		}
	}
	if s := said.String(); len(s) > tailSize || !containsAll(s, "line 999") {
		t.Errorf("kept %d bytes: …%s", len(s), s[max(0, len(s)-20):])
	}
}

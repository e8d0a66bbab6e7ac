package poller

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"sence.gob.cl/gestor/cmd/gestor/internal/dynoxide"
)

// The real engine's stream: filtered by the template's own pattern, over a kill -9 of the engine, with the marks kept.
func TestStream_onDynoxide(t *testing.T) {
	binary, err := filepath.Abs(dynoxide.BinaryIn(filepath.Join("..", "..", "..", "..")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(binary); err != nil {
		t.Skipf("SKIPPED %s: %s is not installed (npm ci --prefix web)", t.Name(), binary)
	}
	data, marks := t.TempDir(), t.TempDir()
	spec := dynoxide.TableSpec{Name: "WorkTable", Partition: dynoxide.Key{Name: "PK", Type: "S"}, Sort: dynoxide.Key{Name: "SK", Type: "S"}, Stream: "NEW_IMAGE"}
	login := credentials.NewStaticCredentialsProvider("local", "local", "")
	put := func(db *dynamodb.Client, i int) {
		t.Helper()
		_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("WorkTable"), Item: map[string]types.AttributeValue{
			"PK": &types.AttributeValueMemberS{Value: "T#" + strconv.Itoa(i/2)},
			"SK": &types.AttributeValueMemberS{Value: []string{"T", "O#"}[i%2] + strconv.Itoa(i)},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	// once starts engine and poller, writes ten items twice, waits until they are handled and kills the engine.
	once := func(from int) string {
		t.Helper()
		engine, err := dynoxide.Start(t.Context(), dynoxide.Config{Binary: binary, Dir: data, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		db := dynamodb.New(dynamodb.Options{Region: "us-east-1", BaseEndpoint: aws.String(engine.Endpoint()), Credentials: login})
		arns, err := dynoxide.EnsureTables(t.Context(), db, []dynoxide.TableSpec{spec})
		if err != nil {
			t.Fatal(err)
		}
		l := &ledger{t: t}
		p, stop := run(t, Config{
			Streams: dynamodbstreams.New(dynamodbstreams.Options{Region: "us-east-1", BaseEndpoint: aws.String(engine.Endpoint()), Credentials: login}),
			Dir:     marks, Invoke: l.invoke,
			FromStreams: []Stream{{
				ARN: arns["WorkTable"], Function: "relay", BatchSize: 100, Bisect: true, Retries: 3, ReportFailures: true,
				Filters: []string{`{"eventName":["INSERT"],"dynamodb":{"Keys":{"SK":{"S":[{"prefix":"O#"}]}}}}`},
			}},
		})
		for i := range 10 {
			put(db, from+i)
			put(db, from+i) // a MODIFY, which the filter drops
		}
		drain(t, p, nil)
		stop()
		// Closing with a context that has ended is a kill -9.
		over, cancel := context.WithCancel(t.Context())
		cancel()
		_ = engine.Close(over)
		got := ""
		for _, batch := range l.got {
			for _, id := range batch {
				got += id + " "
			}
		}
		return got
	}
	if got, want := once(0), "3 7 11 15 19 "; got != want {
		t.Errorf("before the kill: %q, want %q", got, want)
	}
	if got, want := once(10), "23 27 31 35 39 "; got != want {
		t.Errorf("after the restart: %q, want %q: nothing twice, nothing skipped", got, want)
	}
}

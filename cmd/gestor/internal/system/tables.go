package system

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"sence.gob.cl/gestor/cmd/gestor/internal/dynoxide"
	"sence.gob.cl/gestor/cmd/gestor/internal/local"
	"sence.gob.cl/gestor/cmd/gestor/internal/template"
)

// sweepPause is how often expired items are deleted while the local clock does not jump; DynamoDB promises no more than a
// few days.
const sweepPause = time.Hour

// tables are the DynamoDB of the local system.
type tables struct {
	db      *dynamodb.Client
	client  *dynamodbstreams.Client
	streams map[string]string // stream ARN by table
	specs   []dynoxide.TableSpec
	expired chan struct{} // asks for a sweep
}

// startTables brings the engine up, unless another one was named, and makes the tables.
func (s *System) startTables(ctx context.Context) error {
	endpoint := s.opts.DynamoDB
	if endpoint == "" {
		engine, err := s.startDynoxide(ctx)
		if err != nil {
			return err
		}
		endpoint = engine.Endpoint()
	}
	where, err := url.Parse(endpoint)
	if err != nil || where.Host == "" {
		return fmt.Errorf("GESTOR_DYNAMODB %q is not an address", endpoint)
	}
	s.engines["AWS_ENDPOINT_URL_DYNAMODB"] = endpoint
	if !local.IsLoopback(s.opts.EngineHost) {
		// The engine itself only listens on the loopback.
		if err := s.engine("AWS_ENDPOINT_URL_DYNAMODB", s.through(where)); err != nil {
			return err
		}
	}
	keys := credentials.NewStaticCredentialsProvider("local", "local", "")
	s.tables = tables{
		db:      dynamodb.New(dynamodb.Options{BaseEndpoint: aws.String(endpoint), Region: region, Credentials: keys}),
		client:  dynamodbstreams.New(dynamodbstreams.Options{BaseEndpoint: aws.String(endpoint), Region: region, Credentials: keys}),
		expired: make(chan struct{}, 1),
	}
	for _, t := range s.tpl.Tables {
		s.tables.specs = append(s.tables.specs, tableSpec(t))
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if s.tables.streams, err = dynoxide.EnsureTables(ctx, s.tables.db, s.tables.specs); err != nil {
		return err
	}
	s.startSweep()
	return nil
}

func (s *System) startDynoxide(ctx context.Context) (*dynoxide.Engine, error) {
	if _, err := os.Stat(s.opts.Dynoxide); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the DynamoDB engine %s is missing (make tools installs it; GESTOR_DYNAMODB names another engine)", s.opts.Dynoxide)
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	engine, err := dynoxide.Start(ctx, dynoxide.Config{Binary: s.opts.Dynoxide, Dir: filepath.Join(s.opts.DataDir, "dynamodb"), Log: s.log})
	if err != nil {
		return nil, err
	}
	wanted := make(chan struct{})
	go func() {
		<-engine.Done()
		select {
		case <-wanted:
		default:
			s.fail(engine.Err())
		}
	}()
	s.atClose(func(ctx context.Context) error {
		close(wanted)
		return engine.Close(ctx)
	})
	return engine, nil
}

func tableSpec(t template.Table) dynoxide.TableSpec {
	spec := dynoxide.TableSpec{
		Name: t.ID, Partition: dynoxide.Key(t.Partition), Sort: dynoxide.Key(t.Sort), Stream: t.Stream, TTL: t.TTL,
	}
	for _, i := range t.Indexes {
		spec.Indexes = append(spec.Indexes, dynoxide.Index{
			Name: i.Name, Partition: dynoxide.Key(i.Partition), Sort: dynoxide.Key(i.Sort), Projection: i.Projection, Include: i.Include,
		})
	}
	return spec
}

// startSweep deletes expired items now and then, and after a jump of the clock.
func (s *System) startSweep() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(sweepPause):
			case <-s.tables.expired:
			}
			for _, spec := range s.tables.specs {
				n, err := dynoxide.Sweep(ctx, s.tables.db, spec, s.clock.Now())
				if err != nil && ctx.Err() == nil {
					s.log.Warn("expired items not deleted", slog.String("table", spec.Name), slog.Any("error", err))
				} else if n > 0 {
					s.log.Info("expired items deleted", slog.String("table", spec.Name), slog.Int("items", n))
				}
			}
		}
	}()
	s.atClose(func(context.Context) error {
		cancel()
		<-ended
		return nil
	})
}

// sweepSoon asks for a sweep without waiting for it.
func (s *System) sweepSoon() {
	select {
	case s.tables.expired <- struct{}{}:
	default:
	}
}

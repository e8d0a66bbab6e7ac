package system

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	mail "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// TestMain lets the test's own binary be every function: small stand-ins that use each engine through the SDK, in the
// places where the real functions do.
func TestMain(m *testing.M) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") == "" {
		os.Exit(m.Run())
	}
	cfg, err := awsconfig.LoadDefaultConfig(context.Background())
	if err != nil {
		panic(err)
	}
	f := stand{
		sqs: sqs.NewFromConfig(cfg), db: dynamodb.NewFromConfig(cfg), secrets: secretsmanager.NewFromConfig(cfg),
		s3: s3.NewFromConfig(cfg), mail: sesv2.NewFromConfig(cfg),
	}
	lambda.Start(map[string]any{
		"webhook": f.webhook, "intake": f.intake, "relay": f.relay, "deliver": f.deliver, "tick": f.tick, "desk": f.desk,
		"escalate": func(context.Context, json.RawMessage) error { return nil }, "fetch": f.fetch,
	}[os.Getenv("GESTOR_FUNCTION")])
}

type stand struct {
	sqs     *sqs.Client
	db      *dynamodb.Client
	secrets *secretsmanager.Client
	s3      *s3.Client
	mail    *sesv2.Client
}

// webhook asks for its secret, keeps the body in the bucket and puts its key into the inbox.
func (f stand) webhook(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	var none events.APIGatewayV2HTTPResponse
	secret, err := f.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(os.Getenv("GESTOR_SECRET_META_APP"))})
	if err != nil {
		return none, err
	}
	if !strings.Contains(aws.ToString(secret.SecretString), "secreto-de-prueba") {
		return none, errors.New("another secret was expected")
	}
	body := e.Body
	if e.IsBase64Encoded {
		raw, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return none, err
		}
		body = string(raw)
	}
	if body == "crash" {
		os.Exit(3)
	}
	bucket := aws.String(os.Getenv("GESTOR_BUCKET_RAW"))
	_, err = f.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String(e.RequestContext.RequestID), Body: strings.NewReader(body)})
	if err != nil {
		return none, err
	}
	_, err = f.sqs.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: aws.String(os.Getenv("GESTOR_QUEUE_INBOX")), MessageBody: aws.String(body),
	})
	return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: fmt.Sprint(e.RequestContext.TimeEpoch)}, err
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func (f stand) put(ctx context.Context, pk, sk string) error {
	_, err := f.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(os.Getenv("GESTOR_TABLE")), Item: map[string]types.AttributeValue{"PK": text(pk), "SK": text(sk)},
	})
	return err
}

// intake writes an outbox item for each message; what says poison fails.
func (f stand) intake(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
	var out events.SQSEventResponse
	for _, r := range e.Records {
		err := errors.New("poison")
		if !strings.Contains(r.Body, "poison") {
			err = errors.Join(f.put(ctx, "M#"+r.Body, "T"), f.put(ctx, "M#"+r.Body, "O#1"))
		}
		if err != nil {
			out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: r.MessageId})
		}
	}
	return out, nil
}

// relay sends what the stream brings on, once for each item.
func (f stand) relay(ctx context.Context, e events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	for _, r := range e.Records {
		pk, sk := r.Change.Keys["PK"].String(), r.Change.Keys["SK"].String()
		if r.EventName != "INSERT" || !strings.HasPrefix(sk, "O#") {
			return events.DynamoDBEventResponse{}, fmt.Errorf("the filter let %s of %s through", r.EventName, sk)
		}
		_, err := f.sqs.SendMessage(ctx, &sqs.SendMessageInput{
			QueueUrl: aws.String(os.Getenv("GESTOR_QUEUE_OUTBOUND")), MessageBody: aws.String(pk),
			MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String(base64.RawURLEncoding.EncodeToString([]byte(pk))),
		})
		if err != nil {
			return events.DynamoDBEventResponse{}, err
		}
	}
	return events.DynamoDBEventResponse{}, nil
}

// deliver tells the mailbox and notes that it did.
func (f stand) deliver(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
	for _, r := range e.Records {
		_, err := f.mail.SendEmail(ctx, &sesv2.SendEmailInput{
			FromEmailAddress: aws.String(os.Getenv("GESTOR_NOTICE_FROM")),
			Destination:      &mail.Destination{ToAddresses: strings.Split(os.Getenv("GESTOR_NOTICE_TO"), ",")},
			Content: &mail.EmailContent{Simple: &mail.Message{
				Subject: &mail.Content{Data: aws.String(r.Body)},
				Body:    &mail.Body{Text: &mail.Content{Data: aws.String(os.Getenv("GESTOR_CONSOLE_URL"))}},
			}},
		})
		if err != nil {
			return events.SQSEventResponse{}, err
		}
		if err := f.put(ctx, "D", r.Body); err != nil {
			return events.SQSEventResponse{}, err
		}
	}
	return events.SQSEventResponse{}, nil
}

// tick notes the instant it was called for.
func (f stand) tick(ctx context.Context, e events.CloudWatchEvent) (struct{}, error) {
	return struct{}{}, f.put(ctx, "TICK", e.Time.Format(time.RFC3339Nano))
}

// fetch notes the instant it was called for.
func (f stand) fetch(ctx context.Context, e events.CloudWatchEvent) (struct{}, error) {
	return struct{}{}, f.put(ctx, "LOOK", e.Time.Format(time.RFC3339Nano))
}

// desk answers who asks, its environment, and the sort keys under the partition that the path names.
func (f stand) desk(ctx context.Context, e events.APIGatewayV2HTTPRequest) (map[string]any, error) {
	answer := map[string]any{"path": e.RawPath, "issuer": os.Getenv("GESTOR_OIDC_ISSUER"), "undo": os.Getenv("GESTOR_ESCALATE_UNDO")}
	if a := e.RequestContext.Authorizer; a != nil {
		answer["groups"] = a.JWT.Claims["cognito:groups"]
	}
	if pk := e.QueryStringParameters["pk"]; pk != "" {
		out, err := f.db.Query(ctx, &dynamodb.QueryInput{
			TableName: aws.String(os.Getenv("GESTOR_TABLE")), KeyConditionExpression: aws.String("PK = :pk"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":pk": text(pk)}, ConsistentRead: aws.Bool(true),
		})
		if err != nil {
			return nil, err
		}
		keys := []string{}
		for _, item := range out.Items {
			if sk, ok := item["SK"].(*types.AttributeValueMemberS); ok {
				keys = append(keys, sk.Value)
			}
		}
		answer["keys"] = keys
	}
	return answer, nil
}

package cost

import (
	"encoding/json"
	"fmt"
	"strings"

	"sence.gob.cl/gestor/infra/golden"
)

// stack is what the template declares, as far as it costs by itself.
type stack struct {
	memory                    map[string]float64 // MiB by function
	keys, secrets, dashboards int
	alarms, alarmMetrics      int
	queues, polled, tables    int
	polledFIFO                int     // of those polled
	accessLine                float64 // bytes of one line of the API's log
}

type resource struct {
	Type       string
	Properties json.RawMessage
}

// readStack counts the golden template.
func readStack() (stack, error) {
	var template struct{ Resources map[string]resource }
	if err := json.Unmarshal(golden.Template(), &template); err != nil {
		return stack{}, fmt.Errorf("cost: template: %w", err)
	}
	s := stack{memory: map[string]float64{}}
	for _, id := range sortedKeys(template.Resources) {
		if err := s.add(id, template.Resources[id]); err != nil {
			return stack{}, fmt.Errorf("cost: %s: %w", id, err)
		}
	}
	return s, nil
}

func (s *stack) add(id string, r resource) error {
	switch r.Type {
	case "AWS::KMS::Key":
		s.keys++
	case "AWS::SecretsManager::Secret":
		s.secrets++
	case "AWS::CloudWatch::Dashboard":
		s.dashboards++
	case "AWS::SQS::Queue":
		s.queues++
		var p struct {
			FifoQueue     bool
			RedrivePolicy *struct{} // dead letters have none, and nobody polls them
		}
		err := json.Unmarshal(r.Properties, &p)
		if p.FifoQueue && p.RedrivePolicy != nil {
			s.polledFIFO++
		}
		return err
	case "AWS::DynamoDB::Table":
		s.tables++
	case "AWS::CloudWatch::Alarm":
		return s.alarm(r.Properties)
	case "AWS::Lambda::Function":
		var p struct{ MemorySize float64 }
		err := json.Unmarshal(r.Properties, &p)
		s.memory[strings.ToLower(strings.TrimSuffix(id, "Function"))] = p.MemorySize
		return err
	case "AWS::Lambda::EventSourceMapping":
		var p struct{ StartingPosition string }
		err := json.Unmarshal(r.Properties, &p)
		if p.StartingPosition == "" { // a stream says where to begin; reading one for Lambda is free
			s.polled++
		}
		return err
	case "AWS::ApiGatewayV2::Stage":
		var p struct{ AccessLogSettings struct{ Format string } }
		err := json.Unmarshal(r.Properties, &p)
		s.accessLine = float64(len(rendered(p.AccessLogSettings.Format)))
		return err
	}
	return nil
}

// alarm counts the metrics an alarm looks at; each is billed.
func (s *stack) alarm(properties json.RawMessage) error {
	var p struct {
		MetricName string
		Metrics    []struct{ MetricStat *struct{} }
	}
	err := json.Unmarshal(properties, &p)
	s.alarms++
	if p.MetricName != "" {
		s.alarmMetrics++
	}
	for _, m := range p.Metrics {
		if m.MetricStat != nil {
			s.alarmMetrics++
		}
	}
	return err
}

// rendered fills the access log's format with values of the usual length.
func rendered(format string) string {
	return strings.NewReplacer(
		"$context.requestId", "Zx1yExampleRequestId=", "$context.requestTimeEpoch", "1795307333914", "$context.routeKey", "POST /webhooks/{network}",
		"$context.status", "200", "$context.responseLength", "915", "$context.responseLatency", "23", "$context.integrationStatus", "200",
		"$context.integrationLatency", "21", "$context.error.responseType", "-", "$context.authorizer.error", "-",
	).Replace(format)
}

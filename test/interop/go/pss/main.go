// Judges pods with Kubernetes' own Pod Security code. Reads one JSON object a line, {"level","minor","pod"}, and prints one a line:
// the ids of the checks that forbid the pod, sorted.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

type question struct {
	Level api.Level  `json:"level"`
	Minor int        `json:"minor"`
	Pod   corev1.Pod `json:"pod"`
}

// named makes each check say its id, so that verdicts can be compared check by check.
func named(checks []policy.Check) []policy.Check {
	for i := range checks {
		for j := range checks[i].Versions {
			id, check := string(checks[i].ID), checks[i].Versions[j].CheckPod
			checks[i].Versions[j].CheckPod = func(meta *metav1.ObjectMeta, spec *corev1.PodSpec) policy.CheckResult {
				result := check(meta, spec)
				if !result.Allowed {
					result.ForbiddenReason = id
				}
				return result
			}
		}
	}
	return checks
}

func main() {
	evaluator, err := policy.NewEvaluator(named(policy.DefaultChecks()), nil)
	if err != nil {
		panic(err)
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		var q question
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			panic(err)
		}
		// What the API server does to volumes before anything judges them.
		for i := range q.Pod.Spec.Volumes {
			if q.Pod.Spec.Volumes[i].VolumeSource == (corev1.VolumeSource{}) {
				q.Pod.Spec.Volumes[i].EmptyDir = &corev1.EmptyDirVolumeSource{}
			}
		}
		found := []string{}
		version := api.MajorMinorVersion(1, q.Minor)
		for _, result := range evaluator.EvaluatePod(api.LevelVersion{Level: q.Level, Version: version}, &q.Pod.ObjectMeta, &q.Pod.Spec) {
			if !result.Allowed {
				found = append(found, result.ForbiddenReason)
			}
		}
		sort.Strings(found)
		text, _ := json.Marshal(found)
		fmt.Fprintln(out, string(text))
	}
}

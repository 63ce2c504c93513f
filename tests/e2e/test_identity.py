"""From a pod of either cloud to the storage of either, with nothing but the projected token of its service account."""

import edw
import stores
import token_service


class FromPods(edw.Case):
    def setUp(self):
        super().setUp()
        self.service = token_service.TokenService()
        self.addCleanup(self.service.close)
        self.secrets = self.service.issued

    def pod(self, cluster):
        """Its environment is that of all programs from here on; no key is in it."""
        pod = token_service.Pod(self.service, cluster, self.folder)
        self.env.update(pod.env)
        self.assertNotIn("AccountKey", str(self.env))
        self.assertNotIn("AWS_ACCESS_KEY_ID", self.env)
        return pod

    def through(self, pod, queue, table, count=50):
        """Send, drain, audit; all of them by this pod's tokens."""
        said = self.producer("--count", count, "--run", "a", "--queue", queue.queue, "--create").err
        self.consumer("--drain", "--queue", queue.queue, "--table", table.table, "--create")
        self.assert_clean(self.audit("a", "--table", table.table), count)
        self.assertEqual(table.count(), count)
        self.assertEqual({subject for _, subject in self.service.exchanges}, {pod.cluster.subject(pod.account)})
        return said

    def test_aks_to_azure(self):
        azure = stores.Azure(connection="EDW_TEST_AZURITE_HTTPS")
        said = self.through(self.pod(self.service.aks), azure, azure)
        self.assertEqual({service for service, _ in self.service.exchanges}, {"entra"})
        self.assertIn(f"the workload identity {self.service.client_id}", said)

    def test_aks_to_aws(self):
        aws = stores.Aws()
        said = self.through(self.pod(self.service.aks), aws, aws)
        self.assertEqual({service for service, _ in self.service.exchanges}, {"sts"})
        self.assertIn(f"the web identity {self.service.role_arn}", said)

    def test_eks_to_aws(self):
        aws = stores.Aws(fifo=True)
        self.through(self.pod(self.service.eks), aws, aws)
        self.assertEqual({service for service, _ in self.service.exchanges}, {"sts"})

    def test_eks_to_azure(self):
        azure = stores.Azure(connection="EDW_TEST_AZURITE_HTTPS")
        self.through(self.pod(self.service.eks), azure, azure)
        self.assertEqual({service for service, _ in self.service.exchanges}, {"entra"})

    def test_a_queue_on_azure_and_a_table_on_aws_from_aks(self):
        self.through(self.pod(self.service.aks), stores.Azure(connection="EDW_TEST_AZURITE_HTTPS"), stores.Aws())
        self.assertEqual({service for service, _ in self.service.exchanges}, {"entra", "sts"})

    def test_a_queue_on_aws_and_a_table_on_azure_from_eks(self):
        self.through(self.pod(self.service.eks), stores.Aws(), stores.Azure(connection="EDW_TEST_AZURITE_HTTPS"))
        self.assertEqual({service for service, _ in self.service.exchanges}, {"entra", "sts"})

    def test_aks_to_azure_through_the_clusters_token_proxy(self):
        """AKS identity bindings: the authority itself is never asked."""
        azure = stores.Azure(connection="EDW_TEST_AZURITE_HTTPS")
        pod = self.pod(self.service.aks)
        self.env |= {"AZURE_AUTHORITY_HOST": "https://login.invalid", "AZURE_KUBERNETES_TOKEN_PROXY": f"{self.service.url}/proxy",
                     "AZURE_KUBERNETES_SNI_NAME": "localhost", "AZURE_KUBERNETES_CA_FILE": str(self.service.ca_file)}
        self.through(pod, azure, azure)
        self.assertEqual(self.service.names.count("localhost"), len(self.service.exchanges))

    def test_neither_clouds_token_serves_the_other(self):
        """What makes the tests above mean something: the audience decides."""
        pod = self.pod(self.service.aks)
        pod.files["azure"], pod.files["aws"] = pod.files["aws"], pod.files["azure"]
        self.env.update(pod.env)
        azure = self.start("producer", "--count", 1, "--queue", "azure:queue").wait()
        self.assertNotEqual(azure.code, 0)
        self.assertIn("AADSTS700212", azure.err)
        aws = self.start("producer", "--count", 1, "--queue", "aws:queue").wait()
        self.assertNotEqual(aws.code, 0)
        self.assertIn("audience", aws.err)
        self.assertEqual(self.service.exchanges, [])


if __name__ == "__main__":
    edw.main()

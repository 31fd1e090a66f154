"""The models that compare-with-torch.py exports: torchvision's, parts of its detectors, and what else people train."""

import torch
import torchvision.models as zoo
import torchvision.ops as ops
from torch import nn
from torch.nn import functional as F
from torchvision.models.convnext import CNBlockConfig, ConvNeXt


class Case:
    """A model, inputs for it by the size of a batch, which of their axes are dynamic, and what it is trained by."""

    def __init__(self, build, inputs, axes=None, loss=None, options=(), labels=None, opset=None, dtype=None):
        self.build, self.inputs, self.axes, self.options, self.labels = build, inputs, axes, list(options), labels
        self.loss = loss or (lambda y, t: F.cross_entropy(y, t))
        self.opset, self.dtype = opset, dtype

    def dynamic(self, count):
        return self.axes or {f"input{i}": {0: "batch"} for i in range(count)}


def images(build, *shape, **more):
    return Case(build, lambda n: (torch.randn(n, *shape),), **more)


class Part(nn.Module):
    """Modules and a function of them and the inputs."""

    def __init__(self, forward, **modules):
        super().__init__()
        for name, module in modules.items():
            setattr(self, name, module)
        self.of = forward

    def forward(self, *inputs):
        return self.of(self, *inputs)


def part(forward, **makers):
    return lambda: Part(forward, **{name: make() for name, make in makers.items()})


def conv(i, o, stride=1, k=3):
    return lambda: nn.Conv2d(i, o, k, stride, k // 2)


def segmentation(make):
    return part(lambda m, x: m.model(x)["out"], model=make)


def video():
    resnet = zoo.video.resnet
    return resnet.VideoResNet(resnet.BasicBlock, [resnet.Conv3DSimple] * 4, [1, 1, 1, 1], resnet.BasicStem, num_classes=10)


def pyramid(m, x):
    a = m.c1(x).relu()
    b = m.c2(a).relu()
    return m.fpn({"a": a, "b": b, "c": m.c3(b).relu()})


def roi_inputs(n):
    corners = torch.rand(2 * n, 2) * 12
    boxes = torch.cat([torch.arange(2 * n).remainder(n).float()[:, None], corners, corners + 4 + torch.rand(2 * n, 2) * 12], 1)
    return torch.randn(n, 3, 32, 32), boxes


def roi_head(m, x, rois):
    pooled = ops.roi_align(m.c1(x).relu(), rois, (4, 4), spatial_scale=0.5, sampling_ratio=m.ratio, aligned=True)
    return m.predict(m.mlp(pooled))[0]


def roi(ratio):
    def make():
        from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
        model = Part(roi_head, c1=conv(3, 8, 2)(), mlp=TwoMLPHead(8 * 16, 16), predict=FastRCNNPredictor(16, 5))
        model.ratio = ratio
        return model
    return Case(make, roi_inputs, {"input0": {0: "images"}, "input1": {0: "rois"}, "output": {0: "rois"}})


def mask_head():
    from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
    return nn.Sequential(MaskRCNNHeads(8, (8, 8), 1), MaskRCNNPredictor(8, 8, 3))


def retina_head():
    from torchvision.models.detection.retinanet import RetinaNetClassificationHead
    return Part(lambda m, x: m.head([m.c1(x).relu(), m.c2(x).relu()]).transpose(1, 2), c1=conv(3, 8, 2)(), c2=conv(3, 8, 4)(),
                head=RetinaNetClassificationHead(8, 2, 5))


def ssd_head():
    from torchvision.models.detection.ssd import SSDClassificationHead
    return Part(lambda m, x: m.head([m.c1(x).relu(), m.c2(x).relu()]).transpose(1, 2), c1=conv(3, 8, 2)(), c2=conv(3, 6, 4)(),
                head=SSDClassificationHead([8, 6], [2, 3], 4))


def rpn_head():
    from torchvision.models.detection.rpn import RPNHead
    return Part(lambda m, x: [y[0] for y in m.head([m.c1(x).relu()])], c1=conv(3, 8, 2)(), head=RPNHead(8, 3))


def graph_inputs(n):
    nodes, edges = 3 * n, 7 * n
    return torch.randn(nodes, 6), torch.randint(0, nodes, (2, edges))


GRAPH = {"input0": {0: "nodes"}, "input1": {1: "edges"}, "output": {0: "nodes"}}


def convolve(layer, x, edges):
    width = layer.out_features
    places = (edges[1].view(-1, 1) * width + torch.arange(width)).view(-1)  # flat: the exporter of 1.13 wants equal shapes where it knows them
    return torch.zeros(x.shape[0] * width, dtype=x.dtype).scatter_add(0, places, layer(x)[edges[0]].reshape(-1)).view(-1, width)


def transformer(m, x):
    theta = m.where(m.look(x).relu().flatten(1)).view(-1, 2, 3)
    steps = torch.linspace(-1, 1, 16, dtype=x.dtype)
    base = torch.stack([steps[None, :].expand(16, 16), steps[:, None].expand(16, 16), torch.ones(16, 16, dtype=x.dtype)], -1).view(1, 256, 3)
    grid = (base @ (theta + m.identity).transpose(1, 2)).view(-1, 16, 16, 2)
    return m.head(F.grid_sample(x, grid, mode=m.mode, padding_mode=m.padding, align_corners=m.align).flatten(1))


def spatial(mode, padding, align):
    def make():
        model = Part(transformer, look=conv(1, 4, 4)(), where=nn.Linear(64, 6), head=nn.Linear(256, 5))
        model.register_buffer("identity", torch.tensor([[0.7, 0.1, 0.05], [-0.1, 0.8, 0.02]]))
        model.mode, model.padding, model.align = mode, padding, align
        return model
    return images(make, 1, 16, 16, opset=16)


def recurrent(make, first=True):
    model = part(lambda m, x: m.head(m.rnn(x)[0].mean(1 if first else 0)), rnn=make, head=lambda: nn.Linear(12, 5))
    shape = (lambda n: (torch.randn(n, 4 + n, 6),)) if first else (lambda n: (torch.randn(4 + n, n, 6),))
    axes = {0: "batch", 1: "length"} if first else {0: "length", 1: "batch"}
    return Case(model, shape, {"input0": axes, "output": {0: "batch"}})


def unet(up, join):
    def forward(m, x):
        a = m.a(x).relu()
        b = m.b(F.max_pool2d(a, 2)).relu()
        c = m.c(F.max_pool2d(b, 2)).relu()
        b = m.d(torch.cat([join(m.u1, c, b), b], 1)).relu()
        return m.e(torch.cat([join(m.u2, b, a), a], 1))
    model = part(forward, a=conv(3, 6), b=conv(6, 8), c=conv(8, 10), u1=lambda: up(10, 8), u2=lambda: up(8, 6), d=conv(16, 8), e=conv(12, 4))
    every = {0: "batch", 2: "height", 3: "width"}
    return Case(model, lambda n: (torch.randn(n, 3, 8 + 4 * n, 12 + 4 * n),), {"input0": every, "output": every})


def bags(n):
    counts = torch.randint(1, 4, (n,))
    offsets = torch.cat([torch.zeros(1, dtype=torch.long), counts.cumsum(0)[:-1]])
    return torch.randint(0, 20, (int(counts.sum()),)), offsets, torch.randn(n, 4)


BAGS = {"input0": {0: "items"}, "input1": {0: "batch"}, "input2": {0: "batch"}, "output": {0: "batch"}}


def recommender(mode):
    forward = lambda m, items, offsets, dense: m.head(torch.cat([m.bag(items, offsets), m.dense(dense).relu()], 1))
    return Case(part(forward, bag=lambda: nn.EmbeddingBag(20, 6, mode=mode), dense=lambda: nn.Linear(4, 6), head=lambda: nn.Linear(12, 3)), bags, BAGS)


def like_output(y):
    return torch.randn_like(y)


def tasks(m, x):
    shared = m.body(x).relu()
    return m.classes(shared), m.values(shared)


MODELS = {
    "squeezenet": images(lambda: zoo.squeezenet1_1(num_classes=10), 3, 48, 48),
    "densenet": images(lambda: zoo.DenseNet(8, (2, 3, 2, 2), 16, num_classes=10), 3, 64, 64),
    "googlenet": images(lambda: zoo.googlenet(num_classes=10, aux_logits=False, init_weights=False), 3, 64, 64),
    "inception": images(lambda: zoo.inception_v3(num_classes=10, aux_logits=False, init_weights=False), 3, 96, 96),
    "shufflenet": images(lambda: zoo.shufflenet_v2_x0_5(num_classes=10), 3, 64, 64),
    "mobilenet_v2": images(lambda: zoo.mobilenet_v2(num_classes=10, width_mult=0.35), 3, 64, 64),
    "mobilenet_v3": images(lambda: zoo.mobilenet_v3_small(num_classes=10), 3, 64, 64),
    "mnasnet": images(lambda: zoo.mnasnet0_5(num_classes=10), 3, 64, 64),
    "efficientnet": images(lambda: zoo.efficientnet_b0(num_classes=10), 3, 64, 64),
    "regnet_x": images(lambda: zoo.regnet_x_400mf(num_classes=10), 3, 64, 64),
    "regnet_y": images(lambda: zoo.regnet_y_400mf(num_classes=10), 3, 64, 64),
    "resnext": images(lambda: zoo.ResNet(zoo.resnet.Bottleneck, [1, 1, 1, 1], num_classes=10, groups=8, width_per_group=4), 3, 64, 64),
    "convnext": images(lambda: ConvNeXt([CNBlockConfig(16, 32, 1), CNBlockConfig(32, 48, 1), CNBlockConfig(48, None, 2)], num_classes=10), 3, 64, 64),
    "vit": images(lambda: zoo.VisionTransformer(32, 8, 2, 4, 32, 64, num_classes=10), 3, 32, 32),
    "swin": images(lambda: zoo.SwinTransformer([4, 4], 24, [2, 2], [2, 4], [4, 4], num_classes=10), 3, 64, 64),
    "maxvit": images(lambda: zoo.MaxVit((64, 64), 16, 8, [16, 32], [1, 1], 8, 0.2, num_classes=10), 3, 64, 64),
    "deeplab": images(segmentation(lambda: zoo.segmentation.deeplabv3_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=5)), 3, 48, 48),
    "lraspp": images(segmentation(lambda: zoo.segmentation.lraspp_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=5)), 3, 64, 64),
    "video": images(video, 3, 8, 32, 32),

    # Parts of torchvision's detectors and segmenters.
    "fcn_head": images(part(lambda m, x: F.interpolate(m.head(m.c1(x).relu()), x.shape[-2:], mode="bilinear", align_corners=False),
                            c1=conv(3, 8, 2), head=lambda: zoo.segmentation.fcn.FCNHead(8, 4)), 3, 24, 24),
    "pyramid": images(part(lambda m, x: m.head(pyramid(m, x)["a"]), c1=conv(3, 6, 2), c2=conv(6, 8, 2), c3=conv(8, 10, 2),
                           fpn=lambda: ops.FeaturePyramidNetwork([6, 8, 10], 8), head=conv(8, 4)), 3, 32, 32),
    "rpn_head": images(rpn_head, 3, 16, 16, options=["--predict", "output", "--predict", "output1=0.5", "--loss", "bce-with-logits", "--loss", "smooth-l1"],
                       loss=lambda y, t: F.binary_cross_entropy_with_logits(y[0], t[0]) + 0.5 * F.smooth_l1_loss(y[1], t[1]),
                       labels=lambda y: [torch.rand_like(y[0]), torch.randn_like(y[1])]),
    "roi_head": roi(2),
    "roi_head_adaptive": roi(0),
    "mask_head": images(mask_head, 8, 7, 7),
    "retinanet_head": images(retina_head, 3, 16, 16),
    "ssd_head": images(ssd_head, 3, 16, 16),

    # Inputs whose first axes differ.
    "graph_network": Case(part(lambda m, x, e: m.head(convolve(m.b, convolve(m.a, x, e).relu(), e).relu()), a=lambda: nn.Linear(6, 8),
                               b=lambda: nn.Linear(8, 8), head=lambda: nn.Linear(8, 3)), graph_inputs, GRAPH),
    "pairs": Case(part(lambda m, a, b: m.a(a) @ m.b(b).t(), a=lambda: nn.Linear(6, 8), b=lambda: nn.Linear(5, 8)),
                  lambda n: (torch.randn(n, 6), torch.randn(n + 3, 5)),
                  {"input0": {0: "queries"}, "input1": {0: "candidates"}, "output": {0: "queries", 1: "candidates"}}),
    "embedding_bag_mean": recommender("mean"),
    "embedding_bag_sum": recommender("sum"),

    # Sizes that a batch brings.
    "lstm_dynamic": recurrent(lambda: nn.LSTM(6, 12, batch_first=True)),
    "gru_dynamic": recurrent(lambda: nn.GRU(6, 6, 2, bidirectional=True), first=False),
    "rnn_dynamic": recurrent(lambda: nn.RNN(6, 12, batch_first=True)),
    "unet_dynamic": unet(lambda i, o: nn.ConvTranspose2d(i, o, 2, 2), lambda up, x, skip: up(x)),
    "unet_bilinear_dynamic": unet(lambda i, o: nn.Conv2d(i, o, 1),
                                  lambda up, x, skip: F.interpolate(up(x), size=skip.shape[-2:], mode="bilinear", align_corners=True)),

    # Places between elements.
    "spatial_transformer": spatial("bilinear", "zeros", False),
    "spatial_transformer_bicubic": spatial("bicubic", "reflection", True),

    # Losses, outputs, precisions.
    "soft_targets": images(lambda: nn.Sequential(nn.Conv2d(3, 6, 3, 2), nn.PReLU(), nn.Flatten(), nn.Linear(294, 5)), 3, 16, 16,
                           options=["--soft-targets", "--label-smoothing", "0.1", "--class-weights", "1,2,0.5,1.5,1"],
                           loss=lambda y, t: F.cross_entropy(y, t, torch.tensor([1, 2, 0.5, 1.5, 1], dtype=y.dtype), label_smoothing=0.1),
                           labels=lambda y: torch.rand_like(y).softmax(1)),
    "two_tasks": images(part(tasks, body=lambda: nn.Linear(7, 9), classes=lambda: nn.Linear(9, 4), values=lambda: nn.Linear(9, 2)), 7,
                        options=["--predict", "output", "--predict", "output1=0.3", "--loss", "cross-entropy", "--loss", "huber"],
                        loss=lambda y, t: F.cross_entropy(y[0], t[0]) + 0.3 * F.huber_loss(y[1], t[1]),
                        labels=lambda y: [torch.randint(0, 4, (y[0].shape[0],)), torch.randn_like(y[1])]),
    "autoencoder": images(lambda: nn.Sequential(nn.Conv2d(1, 4, 3, 2, 1), nn.SiLU(), nn.ConvTranspose2d(4, 1, 4, 2, 1)), 1, 12, 12,
                          options=["--loss", "mse"], loss=F.mse_loss, labels=like_output),
    "half_precision": images(lambda: nn.Sequential(nn.Linear(9, 16), nn.ReLU(), nn.Linear(16, 5)), 9, dtype=torch.float16),
}

using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.NormalForm;

/// <summary>
/// One step of one direction of a recurrent layer, x = X Wᵀ + Wb [1, batch, gates·hidden], H and C [1, batch, hidden], h = H Rᵀ + Rb:
/// <para>LSTM (gates i, o, f, c): C = f(xf + hf) ⊙ C + f(xi + hi) ⊙ g(xc + hc), H = f(xo + ho) ⊙ h(C).</para>
/// <para>GRU (gates z, r, h): z = f(xz + hz), r = f(xr + hr), H = (1 − z) ⊙ g(xh + r ⊙ hh) + z ⊙ H;
/// without linear_before_reset (r ⊙ H) Rhᵀ + Rbh stands for r ⊙ hh.</para>
/// <para>RNN: H = f(x + h).</para>
/// </summary>
internal sealed class RecurrentStep
{
    private readonly OpBuilder op;
    private readonly Node node;
    private readonly int direction;
    private readonly long hidden;
    private readonly string[] activations;
    private readonly Value weights;
    private readonly Value? inputBias;
    private readonly Value recurrent; // Rᵀ [hidden, gates·hidden]
    private readonly Value? recurrentBias;

    public RecurrentStep(OpBuilder op, Node node, int direction)
    {
        (this.op, this.node, this.direction) = (op, node, direction);
        (long gates, hidden) = (node.In(2).Shape![1].Value, node.In(2).Shape![2].Value);
        string[] all = Activations(node);
        int each = Default(node).Length;
        activations = all[(direction * each)..((direction + 1) * each)];
        weights = op.Transpose(OfDirection(node.In(1)), 1, 0);
        recurrent = op.Transpose(OfDirection(node.In(2)), 1, 0);
        if (node.InOrNull(3) is not { } bias) return;
        Value[] halves = op.Split(OfDirection(bias), 0, gates, gates);
        (inputBias, recurrentBias) = (halves[0], halves[1]);
    }

    /// <summary>The activations of all directions.</summary>
    public static string[] Activations(Node node) => node.Strings("activations") is { Length: > 0 } given
        ? given
        : [.. Enumerable.Repeat(Default(node), node.String("direction", "forward") == "bidirectional" ? 2 : 1).SelectMany(names => names)];

    /// <summary>X Wᵀ + Wb.</summary>
    public Value Projected(Value x) => Affine(x, weights, inputBias);

    /// <summary>As given, else zeros [1, batch, hidden].</summary>
    public Value[] Initial()
    {
        Value? zeros = null;
        IEnumerable<Value?> given = Enumerable.Range(5, node.Op == "LSTM" ? 2 : 1).Select(node.InOrNull);
        return [.. given.Select(state => state is not null ? OfDirection(state, keepAxis: true) : zeros ??= Zeros())];
    }

    /// <summary>The states after a step; the first is its output.</summary>
    public Value[] Next(Value x, Value[] state) => node.Op.Type switch
    {
        "LSTM" => Lstm(x, state[0], state[1]),
        "GRU" => [Gru(x, state[0])],
        _ => [op.Op(activations[0], [x + Affine(state[0], recurrent, recurrentBias)])],
    };

    private Value[] Lstm(Value x, Value h, Value c)
    {
        Value[] gates = Gates(x + Affine(h, recurrent, recurrentBias), 4);
        Value input = op.Op(activations[0], [gates[0]]), output = op.Op(activations[0], [gates[1]]), forget = op.Op(activations[0], [gates[2]]);
        Value cell = (forget * c) + (input * op.Op(activations[1], [gates[3]]));
        return [output * op.Op(activations[2], [cell]), cell];
    }

    private Value Gru(Value x, Value h)
    {
        Value[] fromX = Gates(x, 3);
        Value[] fromH;
        Value candidate;
        if (node.Int("linear_before_reset", 0) != 0)
        {
            fromH = Gates(Affine(h, recurrent, recurrentBias), 3);
            candidate = Reset() * fromH[2];
        }
        else
        {
            Value[] r = op.Split(recurrent, 1, 2 * hidden, hidden);
            Value[]? b = recurrentBias is null ? null : op.Split(recurrentBias, 0, 2 * hidden, hidden);
            fromH = Gates(Affine(h, r[0], b?[0]), 2);
            candidate = Affine(Reset() * h, r[1], b?[1]);
        }
        Value update = op.Op(activations[0], [fromX[0] + fromH[0]]);
        return ((op.ScalarLike(update, 1) - update) * op.Op(activations[1], [fromX[2] + candidate])) + (update * h);

        Value Reset() => op.Op(activations[0], [fromX[1] + fromH[1]]);
    }

    private Value[] Gates(Value joined, int count) => op.Split(joined, 2, [.. Enumerable.Repeat(hidden, count)]);

    private Value Affine(Value x, Value matrix, Value? bias)
    {
        Value product = op.MatMul(x, matrix);
        return bias is null ? product : product + bias;
    }

    /// <summary>The part of an operand that belongs to this direction, [directions, …].</summary>
    private Value OfDirection(Value operand, bool keepAxis = false)
    {
        Value part = operand.Shape?[0] == 1 ? operand : op.Slice(operand, [0], [direction], [direction + 1]);
        return keepAxis ? part : op.Squeeze(part, 0);
    }

    private Value Zeros()
    {
        Value batch = op.Slice(op.Shape(node.In(0)), [0], [1], [2]);
        return op.Expand(op.ScalarLike(node.In(0), 0), op.Concat(0, op.Ints(1), batch, op.Ints(hidden)));
    }

    private static string[] Default(Node node) => node.Op.Type switch
    {
        "LSTM" => ["Sigmoid", "Tanh", "Tanh"],
        "GRU" => ["Sigmoid", "Tanh"],
        _ => ["Tanh"],
    };
}

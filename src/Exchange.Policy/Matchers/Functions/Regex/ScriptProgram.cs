using System.Buffers;
using System.Diagnostics;

namespace Exchange.Policy.Matchers;

/// <summary>
/// A regular expression as steps that are all followed at once: matching takes time in proportion to the text and the steps, and
/// allocates nothing. .NET's own engine of that kind keeps some 100 kB for each expression.
/// </summary>
internal sealed class ScriptProgram
{
    private const int MostOnStack = 256;

    private readonly List<Step> building = [];
    private readonly Step[] steps;
    private readonly bool beginsAtBegin;

    public ScriptProgram(ScriptNode tree)
    {
        Add(tree);
        building.Add(new(Action.Accept, 0, null));
        (steps, building) = ([.. building], []);
        beginsAtBegin = steps[0].Action is Action.Begin;
    }

    private enum Action
    {
        Character,
        Begin,
        End,
        Jump,

        // Goes on with the next step, and with the one named.
        Fork,
        Accept,
    }

    /// <summary>Whether the expression is found anywhere in the text.</summary>
    public bool IsMatch(ReadOnlySpan<char> text)
    {
        if (steps.Length <= MostOnStack)
        {
            Span<int> room = stackalloc int[4 * MostOnStack];
            return IsMatch(text, room);
        }

        var rented = ArrayPool<int>.Shared.Rent(4 * steps.Length);
        try
        {
            return IsMatch(text, rented);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    private bool IsMatch(ReadOnlySpan<char> text, Span<int> room)
    {
        var count = steps.Length;
        var now = room[..count];
        var then = room[count..(2 * count)];
        var marks = room[(2 * count)..(3 * count)];
        var open = room[(3 * count)..(4 * count)];
        marks.Clear();
        var reached = 0;
        for (var at = 0; at <= text.Length; at++)
        {
            // A match may begin at any place.
            if ((at == 0 || !beginsAtBegin) && Follow(0, at, text.Length, now, ref reached, marks, open))
            {
                return true;
            }

            if (at == text.Length || (reached == 0 && beginsAtBegin))
            {
                return false;
            }

            var next = 0;
            for (var i = 0; i < reached; i++)
            {
                if (steps[now[i]].Set!.Contains(text[at]) && Follow(now[i] + 1, at + 1, text.Length, then, ref next, marks, open))
                {
                    return true;
                }
            }

            var free = now;
            now = then;
            then = free;
            reached = next;
        }

        return false;
    }

    // Adds the characters that a step leads to without taking one; true when it leads to the end of the expression. A mark of
    // place + 1 says that a step was reached there.
    private bool Follow(int first, int at, int length, Span<int> list, ref int count, Span<int> marks, Span<int> open)
    {
        var top = 0;
        Push(first, marks, open);
        while (top > 0)
        {
            var step = open[--top];
            var (action, target, _) = steps[step];
            switch (action)
            {
                case Action.Character:
                    list[count++] = step;
                    break;
                case Action.Accept:
                    return true;
                case Action.Jump:
                    Push(target, marks, open);
                    break;
                case Action.Fork:
                    Push(step + 1, marks, open);
                    Push(target, marks, open);
                    break;
                case Action.Begin when at == 0:
                case Action.End when at == length:
                    Push(step + 1, marks, open);
                    break;
            }
        }

        return false;

        void Push(int step, Span<int> marks, Span<int> open)
        {
            if (marks[step] != at + 1)
            {
                marks[step] = at + 1;
                open[top++] = step;
            }
        }
    }

    private void Add(ScriptNode node)
    {
        switch (node)
        {
            case ScriptNode.Character character:
                building.Add(new(Action.Character, 0, character.Set));
                break;
            case ScriptNode.Edge edge:
                building.Add(new(edge.IsBegin ? Action.Begin : Action.End, 0, null));
                break;
            case ScriptNode.Sequence sequence:
                foreach (var part in sequence.Nodes)
                {
                    Add(part);
                }

                break;
            case ScriptNode.Choice choice:
                AddChoice(choice.Nodes);
                break;
            case ScriptNode.Repeat repeat:
                AddRepeat(repeat);
                break;
            default:
                throw new UnreachableException($"no step is made of {node}");
        }
    }

    private void AddChoice(IReadOnlyList<ScriptNode> nodes)
    {
        var ends = new List<int>();
        for (var i = 0; i < nodes.Count - 1; i++)
        {
            var fork = Reserve();
            Add(nodes[i]);
            ends.Add(Reserve());
            building[fork] = new(Action.Fork, building.Count, null);
        }

        Add(nodes[^1]);
        foreach (var end in ends)
        {
            building[end] = new(Action.Jump, building.Count, null);
        }
    }

    private void AddRepeat(ScriptNode.Repeat repeat)
    {
        for (var i = 0; i < repeat.Least; i++)
        {
            Add(repeat.Node);
        }

        if (repeat.Most is not { } most)
        {
            var fork = Reserve();
            Add(repeat.Node);
            building.Add(new(Action.Jump, fork, null));
            building[fork] = new(Action.Fork, building.Count, null);
            return;
        }

        var forks = new List<int>();
        for (var i = repeat.Least; i < most; i++)
        {
            forks.Add(Reserve());
            Add(repeat.Node);
        }

        foreach (var fork in forks)
        {
            building[fork] = new(Action.Fork, building.Count, null);
        }
    }

    private int Reserve()
    {
        building.Add(default);
        return building.Count - 1;
    }

    private readonly record struct Step(Action Action, int Target, ScriptClass? Set);
}
